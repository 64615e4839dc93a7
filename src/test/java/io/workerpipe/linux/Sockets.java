package io.workerpipe.linux;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Two ends of a socket, which may take a part of what it is given where a pipe would take whole pages. For tests
 * that run alone: which number is whose is told by what is new.
 */
public final class Sockets {
    private static final int F_DUPFD = 0;

    private Sockets() {}

    /**
     * One that is written and one that is read, neither of which waits.
     *
     * @param folder for its name, which is gone afterwards
     */
    public static List<Fd> pair(Path folder) throws IOException {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Set<String> before = sockets();
            try (SocketChannel out = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                // As little as there can be: it takes two pages in three parts.
                out.setOption(StandardSocketOptions.SO_SNDBUF, 1);
                Fd writeEnd = fresh(before);
                before = sockets();
                out.connect(UnixDomainSocketAddress.of(path));
                SocketChannel in = server.accept();
                try {
                    return List.of(writeEnd, fresh(before));
                } finally {
                    in.close();
                }
            }
        } finally {
            Files.deleteIfExists(path);
        }
    }

    /** A duplicate of the only one that is new, so that each has an owner of its own. */
    private static Fd fresh(Set<String> before) throws IOException {
        Set<String> now = sockets();
        now.removeAll(before);
        if (now.size() != 1) {
            throw new AssertionError("one socket was opened, but there are " + now);
        }
        int number = Integer.parseInt(now.iterator().next().split(" ")[0]);
        int duplicate = Fd.adopt(number).fcntl(F_DUPFD, 0);
        Fd fd = Fd.adopt(ErrnoException.check(duplicate, "fcntl(F_DUPFD)", number));
        fd.setNonBlocking(true);
        return fd;
    }

    private static Set<String> sockets() throws IOException {
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith("socket:")) {
                        sockets.add(link.getFileName() + " " + target);
                    }
                } catch (IOException e) {
                    // Closed meanwhile: the folder itself.
                }
            }
        }
        return sockets;
    }
}
