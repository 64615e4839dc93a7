package io.workerpipe.loop;

/** What is dropped where an outbox is full. */
public enum Dropping {
    /** What there is no room for. */
    NEWEST,
    /** What has waited for longest. */
    OLDEST,
    /** What another alert of the same name has followed; where that makes no room, what has waited for longest. */
    OLDER_OF_NAME
}
