package io.workerpipe.supervise;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program of a command. */
public final class Program {
    private Program() {}

    /**
     * Looks for it as execvp(3) does.
     *
     * @param name       with a slash: a path; without: to be found in {@code searchPath}
     * @param searchPath folders, as in PATH
     * @return whether there is such a file at all, whether it can be run or not
     */
    public static boolean exists(String name, String searchPath) {
        if (name.contains("/")) {
            return Files.exists(Path.of(name));
        }
        for (String folder : searchPath.split(File.pathSeparator)) {
            if (Files.exists(Path.of(folder.isEmpty() ? "." : folder, name))) {
                return true;
            }
        }
        return false;
    }
}
