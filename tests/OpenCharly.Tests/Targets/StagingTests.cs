using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Targets;

public sealed class StagingTests : IDisposable
{
    private readonly TargetLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(10)]
    [InlineData(600_000)]
    public async Task Files_of_a_candy_travel_byte_for_byte_and_leave_nothing_behind(int size)
    {
        var result = await _lab.AddAsync(_lab.Plan("lab", Copy(size)));
        Assert.Null(result.Failure);
        Assert.Equal(await File.ReadAllBytesAsync(_lab.At("candy/data")), await File.ReadAllBytesAsync(_lab.At("tree/copied")));
        Assert.Empty(Directory.GetFileSystemEntries(_lab.Ledger.Stage));
    }

    [Fact]
    public async Task A_file_that_changed_since_the_plan_was_made_is_refused_before_anything_happens()
    {
        var plan = _lab.Plan("lab", TargetLab.Write("web", _lab.At("tree/first"), "x"), Copy(10));
        await File.AppendAllTextAsync(_lab.At("candy/data"), "more");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync(plan));
        Assert.Equal(Errors.PlanFiles, error.Code);
        Assert.Contains(_lab.At("candy/data"), error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_lab.At("tree/first")));
    }

    [Fact]
    public async Task Cancelling_stops_the_step_and_the_ledger_says_where()
    {
        var plan = _lab.Plan("lab", TargetLab.Write("web", _lab.At("tree/first"), "x"), TargetLab.Command("web", "echo $BASHPID; exec sleep 300"));
        using var cancel = new CancellationTokenSource();
        var shown = new TaskCompletionSource<int>();
        await using (var target = new LinuxTarget(
            new LocalExecutor(_lab.Environment, new ProcessRunner(_lab.Environment)),
            new LinuxTargetOptions { Id = "host", Host = "local" },
            new Listener(e => _ = e is StepOutputEvent line && shown.TrySetResult(int.Parse(line.Line, System.Globalization.CultureInfo.InvariantCulture)))))
        {
            var run = target.ApplyAsync(plan, new ApplyOptions(), cancel.Token);
            var process = await shown.Task;
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
            Assert.False(Directory.Exists($"/proc/{process}") && !(await File.ReadAllTextAsync($"/proc/{process}/stat")).Contains(") Z ", StringComparison.Ordinal));
        }

        var ledger = await _lab.ReadAsync();
        Assert.Equal(1, ledger.UnfinishedRun!.FinishedSteps);
        Assert.StartsWith("web: cmd:", Assert.Single(ledger.UnfinishedRun.OpenSteps), StringComparison.Ordinal);
    }

    private OpStep Copy(int size)
    {
        var bytes = new byte[size];
        new Random(7).NextBytes(bytes);
        Directory.CreateDirectory(_lab.At("candy"));
        File.WriteAllBytes(_lab.At("candy/data"), bytes);
        return TargetLab.Command("web", "") with
        {
            Verb = "copy",
            Value = "data",
            To = _lab.At("tree/copied"),
            Mode = "0644",
            CandyFolder = _lab.At("candy"),
            Files = [new CandyFile("data", Convert.ToHexStringLower(SHA256.HashData(bytes)), size, "0644")],
        };
    }

    private sealed class Listener(Action<CharlyEvent> told) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => told(value);
    }
}
