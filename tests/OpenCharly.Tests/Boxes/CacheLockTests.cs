using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Boxes;

/// <summary>Engines before podman 4.4 never get past the second step that locks a folder; what is built for them locks none.</summary>
public sealed class CacheLockTests : BoxLab
{
    private const string One = SampleBoxes.Head + """
        == box/web/charly.yml
        box: {base: "registry.example.org/debian:13", distro: [debian:13, debian], build: deb, version: 2026.200.0001, candy: [fetch]}
        == candy/fetch/charly.yml
        candy:
          version: 2026.150.0900
          task:
            - download: "https://example.org/a,sharing=locked"
              to: /opt/a
            - cmd: "echo --mount=type=cache,id=x,target=/x,sharing=locked"
              cache: [/tmp/own]
        """;

    private static string Image => EngineStub.List(EngineStub.Image("0123456789abcdef", ["localhost/web:1"], ("version", "2026.200.0001"), ("box", "web")));

    private string Folder => Path.Combine(Project, ".build/web");

    [Theory]
    [InlineData("1.28.2", false)]
    [InlineData("1.28.0-dev", false)]
    [InlineData("", false)]
    [InlineData("1.29.0", true)]
    [InlineData("1.41.0-dev", true)]
    [InlineData("2.0.1", true)]
    public async Task What_is_written_locks_its_caches_and_what_an_old_engine_is_given_does_not(string buildah, bool isMended)
    {
        Write(One);
        Engine = new EngineStub(("podman image inspect", 0, Image)) { Buildah = buildah };
        await new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Tag = "1", StageJobs = 4 });
        var written = await File.ReadAllTextAsync(Path.Combine(Folder, "Containerfile"));
        Assert.Contains("RUN --mount=type=bind,from=charly.steps,", written, StringComparison.Ordinal);
        Assert.Contains("--mount=type=cache,id=charly-var-lib-apt,target=/var/lib/apt,sharing=locked ", written, StringComparison.Ordinal);
        var built = Engine.Calls.Single(c => c.StartsWith("podman build", StringComparison.Ordinal));
        var variant = Path.Combine(Folder, "Containerfile.unlocked");
        if (isMended)
        {
            Assert.Equal($"podman build --file {Folder}/Containerfile --tag localhost/web:1 --jobs 4 {Project}", built);
            Assert.False(File.Exists(variant));
            Assert.False(Directory.Exists(Context.Paths.BuildLocks));
            return;
        }

        Assert.Equal($"podman build --file {variant} --tag localhost/web:1 {Project}", built);
        var lines = (await File.ReadAllTextAsync(variant)).Split('\n');
        Assert.StartsWith("# Containerfile without sharing=locked", lines[0], StringComparison.Ordinal);
        var mounts = lines.Where(l => l.StartsWith("RUN ", StringComparison.Ordinal) && l.Contains("--mount=type=cache", StringComparison.Ordinal)).ToList();
        Assert.All(mounts, l => Assert.DoesNotContain("sharing=locked", l, StringComparison.Ordinal));
        Assert.Contains(mounts, l => l.Contains("--mount=type=cache,id=charly-var-lib-apt,target=/var/lib/apt ", StringComparison.Ordinal));

        // Nothing but the option goes: what a comment quotes stays.
        var were = written.Split('\n');
        Assert.Equal(were.Length, lines.Length - 1);
        Assert.All(were.Zip(lines.Skip(1)).Where(p => !p.First.StartsWith("RUN ", StringComparison.Ordinal)), p => Assert.Equal(p.First, p.Second));
        Assert.Equal(
            ["charly-tmp-downloads", "charly-tmp-own", "charly-var-cache-apt", "charly-var-lib-apt"],
            Directory.EnumerateFiles(Context.Paths.BuildLocks, "*.lock").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task For_an_old_engine_a_build_waits_for_another_that_has_the_same_cache_and_says_for_whom()
    {
        Write(One);
        Engine = new EngineStub(("podman image inspect", 0, Image)) { Buildah = "1.28.2" };
        Task building;
        using (await FileLock.AcquireAsync(Path.Combine(Context.Paths.BuildLocks, "charly-var-lib-apt.lock")))
        {
            building = new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Tag = "1" });
            var deadline = DateTime.UtcNow.AddSeconds(60);
            while (!Said().Any(t => t.Contains("waits for process", StringComparison.Ordinal)))
            {
                Assert.True(DateTime.UtcNow < deadline && !building.IsCompleted, string.Join('\n', Said()));
                await Task.Delay(50);
            }

            Assert.DoesNotContain(Engine.Calls, c => c.StartsWith("podman build", StringComparison.Ordinal));
        }

        await building;
        Assert.Contains(Engine.Calls, c => c.StartsWith("podman build", StringComparison.Ordinal));
        Assert.Contains(Said(), t => t.StartsWith("box web waits for process ", StringComparison.Ordinal) && t.EndsWith("with the same cache charly-var-lib-apt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_build_that_fails_lets_go_of_its_locks()
    {
        Write(One);
        Engine = new EngineStub(("podman build", 1, "Error: it went wrong")) { Buildah = "1.28.2" };
        var error = await Assert.ThrowsAsync<CharlyException>(() => new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Tag = "1" }));
        Assert.Equal(Errors.ImageBuild, error.Code);
        Assert.Contains("Containerfile.unlocked", error.Help, StringComparison.Ordinal);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var file in Directory.GetFiles(Context.Paths.BuildLocks, "*.lock")) (await FileLock.AcquireAsync(file, cancellationToken: limit.Token)).Dispose();
    }

    [Fact]
    public void A_silent_build_is_told_with_its_last_line_and_then_ever_less_often()
    {
        var clock = new ManualClock();
        var told = new List<string>();
        using var watch = new SilenceWatch("building localhost/web:1", clock, told.Add);
        clock.Pass(89);
        Assert.Empty(told);
        clock.Pass(1);
        Assert.Equal("building localhost/web:1 has printed nothing for 90 s; it has not printed anything yet. If it can't take that long, stop it with Ctrl-C", Assert.Single(told));
        watch.Heard("STEP 7/9: RUN sleep");
        watch.Heard(" ");
        clock.Pass(100);
        Assert.Contains("nothing for 100 s; its last line was \"STEP 7/9: RUN sleep\"", told[1], StringComparison.Ordinal);
        clock.Pass(99);
        Assert.Equal(2, told.Count);
        clock.Pass(1);
        Assert.Contains("nothing for 200 s", told[2], StringComparison.Ordinal);
        watch.Dispose();
        clock.Pass(1000);
        Assert.Equal(3, told.Count);
    }

    private List<string> Said()
    {
        lock (Events) return [.. Events.OfType<NoticeEvent>().Select(e => e.Text)];
    }

    private sealed class ManualClock : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(callback, state);
            _timers.Add(timer);
            return timer;
        }

        public void Pass(long seconds)
        {
            _now += seconds;
            foreach (var timer in _timers.Where(t => !t.IsStopped)) timer.Callback(timer.State);
        }

        private sealed record Timer(TimerCallback Callback, object? State) : ITimer
        {
            public bool IsStopped { get; private set; }

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() => IsStopped = true;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
