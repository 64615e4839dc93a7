package io.workerpipe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that belongs to somebody else, whoever runs the tests. */
final class OtherUser {
    private OtherUser() {}

    static Path folder(Path temporary) throws IOException {
        Path root = Path.of("/");
        if (!Files.isWritable(root)) {
            return root.resolve("etc");
        }
        Path given = Files.createDirectory(temporary.resolve("others"));
        Files.setAttribute(given, "unix:uid", 1);
        return given;
    }
}
