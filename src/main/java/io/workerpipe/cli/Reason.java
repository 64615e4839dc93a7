package io.workerpipe.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What an exception of a file means, in a line: the file, and what is the matter with it. */
final class Reason {
    private Reason() {}

    static String of(Exception e) {
        return switch (e) {
            case UncheckedIOException wrapped -> of(wrapped.getCause());
            case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileAlreadyExistsException there -> there.getFile() + ": is there already, and no folder";
            case NotDirectoryException other -> other.getFile() + ": is no folder";
            case FileSystemException other when other.getReason() != null -> other.getFile() + ": " + other.getReason();
            default -> e.getMessage();
        };
    }
}
