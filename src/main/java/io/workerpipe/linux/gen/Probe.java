package io.workerpipe.linux.gen;
public class Probe { }
