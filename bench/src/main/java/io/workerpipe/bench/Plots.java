package io.workerpipe.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;

/** The medians as pictures: bars side by side, latencies by percentile, rates by number of workers. */
final class Plots {
    static final int WIDTH = 1100;
    static final int HEIGHT = 600;
    private static final List<String> PERCENTILES = List.of("p50", "p99", "p99.9", "p99.99", "max");
    private static final String SCALE = "scale-";

    private final Path folder;
    private final List<Result> results;

    private Plots(Path folder, List<Result> results) {
        this.folder = folder;
        this.results = results;
    }

    /** Those for which there are figures. */
    static void draw(Path folder, List<Result> results) throws IOException {
        try {
            drawAll(new Plots(folder, results));
        } catch (LinkageError | RuntimeException e) {
            // A machine without fonts can measure all the same.
            System.err.println("bench: no plots: " + e);
        }
    }

    private static void drawAll(Plots plots) throws IOException {
        plots.bars("pair-", "One sender, one receiver");
        plots.bars("storm-", "All send to all");
        plots.bars("fan-", "One to twenty");
        plots.latencies("rtt-", "Round trip");
        plots.latencies("rate-", "Latency at a fixed rate, by scheduled time");
        plots.scaling();
    }

    private static SequencedSet<String> contests(List<Result> some) {
        return new LinkedHashSet<>(some.stream().map(result -> result.contest).toList());
    }

    private static SequencedSet<String> systems(List<Result> some) {
        return new LinkedHashSet<>(some.stream().map(result -> result.system).toList());
    }

    private List<Result> of(String prefix, String metric) {
        return results.stream()
                .filter(result -> result.contest.startsWith(prefix) && result.metric.equals(metric)).toList();
    }

    /** Null where there is none that a logarithmic axis could show. */
    private static Double median(List<Result> some, String contest, String system) {
        return some.stream().filter(result -> result.contest.equals(contest) && result.system.equals(system))
                .findFirst()
                .map(Result::median).filter(median -> median > 0).orElse(null);
    }

    private static double least(List<Result> some) {
        return some.stream().mapToDouble(Result::median).filter(median -> median > 0).min().orElse(1);
    }

    private void bars(String prefix, String title) throws IOException {
        List<Result> rates = of(prefix, "rate");
        if (rates.isEmpty()) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT)
                .title(title + ": alerts a second, logarithmic").yAxisTitle("alerts/s").build();
        chart.getStyler().setYAxisLogarithmic(true);
        // Bars would begin at 0, which no logarithmic axis has.
        chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(least(rates)))));
        List<String> contests = List.copyOf(contests(rates));
        for (String system : systems(rates)) {
            List<Double> values = new ArrayList<>();
            contests.forEach(contest -> values.add(median(rates, contest, system)));
            chart.addSeries(system, contests, values);
        }
        save(chart, prefix + "rates");
    }

    private void latencies(String prefix, String title) throws IOException {
        List<Result> medians = of(prefix, PERCENTILES.getFirst());
        if (medians.isEmpty()) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT)
                .title(title + ": microseconds, logarithmic").xAxisTitle("percentile").yAxisTitle("us").build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        for (Result row : medians) {
            List<Double> values = PERCENTILES.stream()
                    .map(percentile -> median(of(prefix, percentile), row.contest, row.system)).toList();
            chart.addSeries(row.contest + " " + row.system, PERCENTILES, values);
        }
        save(chart, prefix + "latencies");
    }

    private void scaling() throws IOException {
        List<Result> rates = of(SCALE, "rate");
        if (rates.isEmpty()) {
            return;
        }
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT)
                .title("All send to all, 10 bytes: alerts a second, logarithmic").xAxisTitle("workers")
                .yAxisTitle("alerts/s").build();
        chart.getStyler().setYAxisLogarithmic(true);
        for (String system : systems(rates)) {
            List<Result> ofSystem = rates.stream().filter(result -> result.system.equals(system)).toList();
            chart.addSeries(system,
                    ofSystem.stream().map(result -> Integer.valueOf(result.contest.substring(SCALE.length()))).toList(),
                    ofSystem.stream().map(Result::median).toList());
        }
        save(chart, SCALE + "rates");
    }

    private void save(Chart<?, ?> chart, String name) throws IOException {
        save(chart, folder, name);
    }

    static void save(Chart<?, ?> chart, Path folder, String name) throws IOException {
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        VectorGraphicsEncoder.saveVectorGraphic(chart, folder.resolve(name + ".svg").toString(),
                VectorGraphicsFormat.SVG);
    }
}
