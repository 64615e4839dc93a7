package io.workerpipe.doctor;

import io.workerpipe.linux.Platform;
import io.workerpipe.roster.GroupName;
import java.util.ArrayList;
import java.util.List;

/** Looks at the machine as a worker would find it. Changes nothing. */
public final class Doctor {
    private Doctor() {}

    /**
     * Makes all checks that can be made here.
     *
     * @param group the only group to look at, null for all
     * @return what was found, in the order of the checks
     * @throws IllegalArgumentException if it is no name for a group
     */
    public static List<Finding> examine(String group) {
        if (group != null) {
            GroupName.check(group);
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(JavaChecks.version());
        findings.add(JavaChecks.options());
        findings.add(JavaChecks.nativeAccess());
        Finding platform = platform();
        findings.add(platform);
        findings.addAll(MachineChecks.all());
        if (platform.level() == Finding.Level.OK) {
            findings.addAll(PipeChecks.all());
        }
        findings.addAll(GroupChecks.all(group));
        return findings;
    }

    private static Finding platform() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.version") + " on "
                + System.getProperty("os.arch");
        try {
            Platform.check();
            return Finding.ok("platform", system + ", pages of 4096 bytes");
        } catch (UnsupportedOperationException e) {
            return Finding.fail("platform", system, e.getMessage());
        }
    }
}
