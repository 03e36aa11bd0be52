using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

/// <summary>Two engines on one target at once.</summary>
public sealed class LockTests
{
    [Fact]
    public async Task The_second_waits_and_says_for_whom()
    {
        using var lab = new TargetLab();
        await lab.AddAsync(lab.Plan("warm", Write("warm", lab.At("tree/warm"), "1")));
        var began = new TaskCompletionSource();
        var first = Task.Run(async () =>
        {
            await using var target = new LinuxTarget(Local(lab), Options("ada@desk"), new Told(e => _ = e is StepStartedEvent && began.TrySetResult()));
            return await target.ApplyAsync(lab.Plan("slow", Command("slow", "sleep 4; echo done >>\"$HOME/slow\"")), new ApplyOptions());
        });
        await began.Task;
        var notices = new List<string>();
        await using var second = new LinuxTarget(Local(lab), Options("bob@desk"), new Told(e => Note(notices, e)));
        Assert.Null((await second.ApplyAsync(lab.Plan("quick", Write("quick", lab.At("tree/quick"), "1")), new ApplyOptions())).Failure);
        Assert.Null((await first).Failure);
        var waited = Assert.Single(notices, n => n.Contains("is locked by", StringComparison.Ordinal));
        Assert.Contains("add slow, since ", waited, StringComparison.Ordinal);
        Assert.Contains($"by ada@desk (process {Environment.ProcessId})", waited, StringComparison.Ordinal);
        Assert.Contains("waiting up to 600 s", waited, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wait_has_an_end_that_names_the_holder()
    {
        using var lab = new TargetLab();
        using var cancel = new CancellationTokenSource();
        var began = new TaskCompletionSource();
        var first = Task.Run(async () =>
        {
            await using var target = new LinuxTarget(Local(lab), Options("ada@desk"), new Told(e => _ = e is StepStartedEvent && began.TrySetResult()));
            await target.ApplyAsync(lab.Plan("slow", Command("slow", "sleep 600")), new ApplyOptions(), cancel.Token);
        });
        await began.Task;
        await using (var second = new LinuxTarget(Local(lab), Options("bob@desk") with { LockTimeout = TimeSpan.FromSeconds(1) }, new Told(_ => { })))
        {
            var error = await Assert.ThrowsAsync<CharlyException>(() => second.RemoveAsync("slow", new RemoveOptions()));
            Assert.Equal(Errors.LedgerLocked, error.Code);
            Assert.Contains("add slow", error.Message, StringComparison.Ordinal);
        }

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Whoever_held_the_lock_last_stays_written_down_in_one_line()
    {
        using var lab = new TargetLab();
        var lines = new List<string>();
        foreach (var name in new[] { "first", "second" })
        {
            await using var target = new LinuxTarget(Local(lab), Options("ada@desk"), new Told(_ => { }));
            await target.ApplyAsync(lab.Plan(name, Write(name, lab.At("tree/" + name), "1")), new ApplyOptions());
            lines.Add(await LockLineAsync(lab));
        }

        Assert.StartsWith("add first, since ", lines[0], StringComparison.Ordinal);
        Assert.Contains($"by ada@desk (process {Environment.ProcessId}), ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("add second, since ", lines[1], StringComparison.Ordinal);
        Assert.NotEqual(lines[0].Split(' ')[^1], lines[1].Split(' ')[^1]);

        // A look without the lock tells it too, and leaves it.
        await lab.ReadAsync();
        Assert.Equal(lines[1], await LockLineAsync(lab));
        await using var session = new TargetSession(Local(lab), Options("bob@desk"), new Told(_ => { }));
        Assert.Equal(lines[1], (await session.LookAsync(default)).LastHolder);
        Assert.Equal(lines[1], (await session.LockAsync(default)).LastHolder);
        Assert.Contains("by bob@desk", await LockLineAsync(lab), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lock_dies_with_its_owner()
    {
        using var lab = new TargetLab();
        await lab.AddAsync(lab.Plan("lab", Command("web", "[[ -e $HOME/go ]] || kill -9 $$ $BASHPID $PPID; :")));
        await File.WriteAllTextAsync(Path.Combine(lab.Home, "go"), "");
        var notices = new List<string>();
        await using var next = new LinuxTarget(Local(lab), Options("bob@desk") with { LockTimeout = TimeSpan.FromSeconds(1) }, new Told(e => Note(notices, e)));
        Assert.Null((await next.ApplyAsync(lab.Plan("other", Write("other", lab.At("tree/a"), "1")), new ApplyOptions())).Failure);
        Assert.DoesNotContain(notices, n => n.Contains("is locked by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_waited_for_a_ledger_that_the_last_removal_took_away_makes_it_anew()
    {
        using var lab = new TargetLab();
        await lab.AddAsync(lab.Plan("lab", Write("web", lab.At("tree/a"), "1")));
        var waits = Enumerable.Range(0, 3).Select(i => Task.Run(() => lab.AddAsync(lab.Plan($"b{i}", Write($"c{i}", lab.At($"tree/{i}"), "1"))))).ToList();
        await lab.RemoveAsync();
        Assert.All(await Task.WhenAll(waits), r => Assert.Null(r.Failure));
        Assert.Equal(["b0", "b1", "b2"], (await lab.ReadAsync()).Deploys.Select(d => d.Name));
        for (var i = 0; i < 3; i++) await lab.RemoveAsync($"b{i}");
        Assert.False(Directory.Exists(Path.Combine(lab.Home, ".config")));
    }

    // .NET would ask for a lock of its own before it reads.
    private static async Task<string> LockLineAsync(TargetLab lab) => Assert.Single(
        (await new ProcessRunner(lab.Environment).RunAsync(new ProcessRequest("cat", lab.Ledger.Lock))).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static void Note(List<string> notices, CharlyEvent e)
    {
        if (e is not NoticeEvent notice) return;
        lock (notices) notices.Add(notice.Text);
    }

    private static LocalExecutor Local(TargetLab lab) => new(lab.Environment, new ProcessRunner(lab.Environment));

    private static LinuxTargetOptions Options(string owner) => new() { Id = "host", Host = "local", Owner = owner };

    private sealed class Told(Action<CharlyEvent> tell) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => tell(value);
    }
}
