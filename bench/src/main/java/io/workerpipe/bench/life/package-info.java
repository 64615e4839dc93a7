/** What a membership costs when nothing is sent: to join, and to be idle. */
package io.workerpipe.bench.life;
