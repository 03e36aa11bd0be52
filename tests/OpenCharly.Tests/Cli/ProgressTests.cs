using OpenCharly.Cli;
using OpenCharly.Cli.Progress;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

public sealed class ProgressTests
{
    private static readonly CharlyEvent[] Run =
    [
        new WaitEvent("ssh answers", 1, 2, DateTimeOffset.UnixEpoch, "connection refused"),
        new WaitEvent("ssh answers", 1, 2, DateTimeOffset.UnixEpoch, "no route"),
        new StepStartedEvent(0, "nginx", "SystemPackages", "deb: nginx") { Total = 3 },
        new StepOutputEvent(0, false, "Reading package lists..."),
        new StepFinishedEvent(0, "done", TimeSpan.FromSeconds(3.21), null),
        new StepFinishedEvent(1, "unchanged", TimeSpan.Zero, "on record"),
        new StepStartedEvent(2, "nginx", "Op", "cmd: nginx -t"),
        new StepOutputEvent(2, true, "nginx: bad option"),
        new StepFinishedEvent(2, "failed", TimeSpan.FromSeconds(0.2), "exit code 1"),
    ];

    [Fact]
    public void Each_step_that_ran_is_a_line() =>
        Assert.Equal(
            """
            waiting: ssh answers (1 of 2)
            [1/3] nginx SystemPackages deb: nginx … done 3.2s
            [3/3] nginx Op cmd: nginx -t … failed 0.2s (exit code 1)

            """,
            Plain([], verbose: false));

    [Fact]
    public void Verbose_streams_the_output_of_every_step()
    {
        var text = Plain([], verbose: true);
        Assert.Contains("    | Reading package lists...\n", text, StringComparison.Ordinal);
        Assert.Contains("[2/3] unchanged (on record)\n", text, StringComparison.Ordinal);
        Assert.Contains("waiting: ssh answers (1 of 2): no route\n", text, StringComparison.Ordinal);
        Assert.Equal(1, text.Split("nginx: bad option").Length - 1);
    }

    [Theory]
    [InlineData("CHARLY_LOG", "error", false)]
    [InlineData("CHARLY_LOG", "info", true)]
    [InlineData("CHARLY_LOG", "error,step=info", true)]
    [InlineData("CHARLY_LOG", "step=warn", false)]
    [InlineData("RUST_LOG", "warn", false)]
    [InlineData("RUST_LOG", "warn,hyper=trace", false)]
    [InlineData("RUST_LOG", "some::module", true)]
    public void The_level_decides_what_is_told(string variable, string value, bool tellsSteps) =>
        Assert.Equal(tellsSteps, Plain(new() { [variable] = value }, verbose: false).Contains("done 3.2s", StringComparison.Ordinal));

    [Fact]
    public void Our_own_variable_wins() =>
        Assert.DoesNotContain("done", Plain(new() { ["CHARLY_LOG"] = "error", ["RUST_LOG"] = "trace" }, verbose: false), StringComparison.Ordinal);

    [Fact]
    public async Task A_level_that_does_not_exist_is_a_warning()
    {
        using var run = new CommandRun();
        run.Variables["CHARLY_LOG"] = "loud";
        Assert.Equal(0, await run.RunAsync("bundle", "path"));
        Assert.StartsWith("warning: CHARLY_LOG: \"loud\" is no level", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void As_json_each_event_is_an_object_on_its_own_line()
    {
        using var writer = new StringWriter();
        using (var view = new JsonEvents(writer, Levels([], verbose: false)))
        {
            foreach (var happened in Run) view.Report(happened with { Target = "vm:web" });
        }

        var lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        using var last = System.Text.Json.JsonDocument.Parse(lines[^1]);
        Assert.Equal("step_finished", last.RootElement.GetProperty("event").GetString());
        Assert.Equal("vm:web", last.RootElement.GetProperty("target").GetString());
    }

    [Fact]
    public void On_a_terminal_the_running_step_shows_its_last_lines_and_is_gone_in_the_end()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var clock = new ManualClock();
        using (var view = new LiveView(writer, Levels([], verbose: false), new Palette(false), clock))
        {
            view.Report(new StepStartedEvent(0, "nginx", "SystemPackages", "deb: nginx") { Total = 1 });
            view.Report(new StepOutputEvent(0, false, "\e[32mUnpacking\e[0m\tnginx"));
            clock.Tick();
            Assert.Contains("[1/1] nginx SystemPackages deb: nginx … 2.0s\n    | Unpacking    nginx\n", writer.ToString(), StringComparison.Ordinal);
            view.Report(new StepFinishedEvent(0, "done", TimeSpan.FromSeconds(2), null));
        }

        // Two lines of region are taken back before the line that stays.
        Assert.EndsWith("\e[2A\r\e[J[1/1] nginx SystemPackages deb: nginx … done 2.0s\n", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_terminal_long_work_is_told_at_its_beginning_and_its_end()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var view = new PlainView(writer, Levels([], verbose: false), new Palette(false));
        for (var done = 0; done <= 200; done += 50) view.Report(new ProgressEvent("download", done << 20, 200 << 20, "bytes", done == 200));
        view.Report(new ProgressEvent("build", 1, 2, "steps"));
        view.Report(new ProgressEvent("build", 2, 2, "steps", true));
        Assert.Equal("download (200 MB) …\ndownload: 200 MB\nbuild …\nbuild: done\n", writer.ToString());
    }

    [Fact]
    public void On_a_terminal_bytes_are_a_bar()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var clock = new ManualClock();
        using var view = new LiveView(writer, Levels([], verbose: false), new Palette(false), clock);
        view.Report(new ProgressEvent("download base.qcow2", 50 << 20, 200 << 20, "bytes"));
        clock.Tick();
        Assert.Contains("download base.qcow2 ━━━━━━────────────────── 25%  50 MB of 200 MB", writer.ToString(), StringComparison.Ordinal);
    }

    private static string Plain(Dictionary<string, string> variables, bool verbose)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        using (var view = new PlainView(writer, Levels(variables, verbose), new Palette(false)))
        {
            foreach (var happened in Run) view.Report(happened);
        }

        return writer.ToString();
    }

    private static LogLevels Levels(Dictionary<string, string> variables, bool verbose) => LogLevels.Read(
        new CharlyEnvironment { Variables = variables, Home = "/", WorkingDirectory = "/" }, verbose);

    /// <summary>A clock whose timer fires when told, two seconds later.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private TimerCallback? _callback;
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return new NoTimer();
        }

        public void Tick()
        {
            _now += 2;
            _callback?.Invoke(null);
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // Nothing runs.
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
