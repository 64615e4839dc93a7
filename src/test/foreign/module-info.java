/** Somebody else's program. */
module foreign {
    requires io.workerpipe;
}
