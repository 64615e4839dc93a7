package io.workerpipe.bench;

import java.util.List;

/** A case, and the systems that are compared in it: one run of each in turn, then again. */
public record Contest(String name, List<Entrant> entrants) {}
