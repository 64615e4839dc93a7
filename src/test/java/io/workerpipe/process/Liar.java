package io.workerpipe.process;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.Random;

/**
 * A process of the same user that is in no group: it opens a worker's inbox and writes lies, in one call of write(2) each.
 * Commands on its standard input: kind, how many, seed.
 */
final class Liar {
    private Liar() {}

    /** The inbox's place in /proc, and pid and slot of a sender who is believed. */
    public static void main(String[] args) throws IOException {
        int pid = Integer.parseInt(args[1]);
        int slot = Integer.parseInt(args[2]);
        try (OutputStream inbox = new FileOutputStream(args[0])) {
            System.out.println(ChildJvm.ANSWER + "open");
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] words = line.split(" ");
                Random random = new Random(Long.parseLong(words[2]));
                long bytes = 0;
                for (int i = 0; i < Integer.parseInt(words[1]); i++) {
                    byte[] lie = Lie.valueOf(words[0]).make(random, pid, slot);
                    inbox.write(lie);
                    bytes += lie.length;
                }
                System.out.println(ChildJvm.ANSWER + "written " + bytes);
            }
        }
    }
}
