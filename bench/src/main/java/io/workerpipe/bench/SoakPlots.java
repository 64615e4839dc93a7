package io.workerpipe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What became of the workers of a soak over time, as pictures; started by {@code bench/soak.sh}. */
public final class SoakPlots {
    private static final double KIB_PER_MIB = 1024;

    /** A line of soak.csv. */
    private record Sample(double minutes, String worker, long pid, double ownMib, double descriptors, double threads,
            double alerts, double kills) {
        static Sample of(String line) {
            String[] words = line.split(",");
            return new Sample(Double.parseDouble(words[0]) / 60, words[3], Long.parseLong(words[4]),
                    Long.parseLong(words[6]) / KIB_PER_MIB, Long.parseLong(words[7]), Long.parseLong(words[8]),
                    Long.parseLong(words[9]), Long.parseLong(words[10]));
        }
    }

    private final Path folder;
    private final Map<String, List<Sample>> byWorker = new TreeMap<>();
    private final List<Sample> all = new ArrayList<>();

    private SoakPlots(Path folder) throws IOException {
        this.folder = folder;
        Files.readAllLines(folder.resolve("soak.csv")).stream().skip(1).map(Sample::of).forEach(sample -> {
            all.add(sample);
            byWorker.computeIfAbsent(sample.worker, worker -> new ArrayList<>()).add(sample);
        });
    }

    /** @param arguments the folder with soak.csv */
    public static void main(String[] arguments) throws IOException {
        SoakPlots plots = new SoakPlots(Path.of(arguments[0]));
        if (plots.all.isEmpty()) {
            return;
        }
        plots.draw("memory", "Memory of each worker's own; w0 and w1 live through it all", "MiB", Sample::ownMib);
        plots.draw("descriptors", "Open descriptors", "", Sample::descriptors);
        plots.draw("threads", "Threads", "", Sample::threads);
        plots.sums();
    }

    private void draw(String name, String title, String unit, ToDoubleFunction<Sample> value) throws IOException {
        XYChart chart = chart(title, unit);
        byWorker.forEach((worker, samples) -> add(chart, worker, samples.stream().map(Sample::minutes).toList(),
                samples.stream().map(value::applyAsDouble).toList()));
        chart.getStyler().setYAxisMin(0.0);
        Plots.save(chart, folder, name);
    }

    /** Alerts that all processes have received, and those that were killed, so far. */
    private void sums() throws IOException {
        Map<Long, Double> latest = new HashMap<>();
        List<Double> minutes = new ArrayList<>();
        List<Double> alerts = new ArrayList<>();
        List<Double> kills = new ArrayList<>();
        double sum = 0;
        for (Sample sample : all) {
            Double before = latest.put(sample.pid, sample.alerts);
            // One that has joined again counts from nothing.
            sum += before == null || before > sample.alerts ? sample.alerts : sample.alerts - before;
            minutes.add(sample.minutes);
            alerts.add(sum / 1_000);
            kills.add(sample.kills);
        }
        XYChart chart = chart("Since the beginning", "");
        add(chart, "thousand alerts received", minutes, alerts);
        add(chart, "processes killed", minutes, kills);
        Plots.save(chart, folder, "alerts");
    }

    private static XYChart chart(String title, String unit) {
        return new XYChartBuilder().width(Plots.WIDTH).height(Plots.HEIGHT).title(title).xAxisTitle("minutes")
                .yAxisTitle(unit).build();
    }

    private static void add(XYChart chart, String name, List<Double> minutes, List<Double> values) {
        XYSeries series = chart.addSeries(name, minutes, values);
        series.setMarker(SeriesMarkers.NONE);
    }
}
