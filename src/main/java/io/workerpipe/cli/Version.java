package io.workerpipe.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the module was built as. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getModule().getDescriptor() == null
                ? "unknown"
                : Main.class.getModule().getDescriptor().rawVersion().orElse("unknown");
        return new String[]{"workerpipe " + version + " on Java " + Runtime.version()};
    }
}
