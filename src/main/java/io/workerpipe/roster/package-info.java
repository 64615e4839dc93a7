/**
 * Who is in a group: the group's folder, the table that all workers share, joining, leaving, and reaping the dead. May
 * use {@code .linux}; used by {@code .loop}, and by {@code .cli} to read.
 */
package io.workerpipe.roster;
