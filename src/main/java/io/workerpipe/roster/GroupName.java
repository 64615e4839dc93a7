package io.workerpipe.roster;

import java.util.regex.Pattern;

/** The rule for names of groups, which are names of folders too. */
public final class GroupName {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private GroupName() {}

    /**
     * Whether a name may be a group's.
     *
     * @param name any text
     * @return true if {@link #check} would let it pass
     */
    public static boolean isValid(String name) {
        return ALLOWED.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }

    /**
     * Refuses what may not be a group's name.
     *
     * @param name any text
     * @return the same
     * @throws IllegalArgumentException if it is not 1 to 64 of {@code A-Z a-z 0-9 . _ -}, or is {@code .} or {@code ..}
     */
    public static String check(String name) {
        if (!isValid(name)) {
            throw new IllegalArgumentException("\"" + name + "\" cannot be the name of a group: it must be 1 to 64 of"
                    + " the characters A-Z a-z 0-9 . _ - and neither \".\" nor \"..\"");
        }
        return name;
    }
}
