/** The case of one alert as large as can be. */
package io.workerpipe.bench.large;
