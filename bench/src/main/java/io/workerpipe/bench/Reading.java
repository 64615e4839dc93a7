package io.workerpipe.bench;

/** One figure of one run. */
public record Reading(String metric, String unit, double value) {}
