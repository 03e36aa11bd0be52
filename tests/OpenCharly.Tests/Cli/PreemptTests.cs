using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

public sealed class PreemptTests
{
    private const string Leases = """
        leases:
          - claimant: vm:bench
            claim: {name: "vm:bench", target: vm, base: "", instance: "", vm: bench}
            tokens: [gpu, tape]
            transient: true
            preempted:
              - addr: {name: studio, target: pod, base: studio, instance: "", vm: ""}
                holds: [gpu]
                restore: always
            owner_pid: 2147483647
            created: "2026-06-12T09:40:11Z"
        """;

    [Fact]
    public async Task Without_leases_that_is_said()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("preempt", "status"));
        Assert.Equal("no active leases\n", run.Output);
        Assert.Equal(0, await run.RunAsync("preempt", "restore"));
        Assert.EndsWith("no stranded leases\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranded_lease_is_shown_with_what_to_do()
    {
        using var run = new CommandRun { Processes = Pods("active") };
        Write(run);
        Assert.Equal(0, await run.RunAsync("preempt", "status"));
        foreach (var part in new[] { "CLAIMANT", "vm:bench", "gpu, tape", "studio", "STRANDED", "charly preempt restore" }) Assert.Contains(part, run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("preempt", "status", "--json"));
        Assert.Contains("\"state\": \"STRANDED\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_ends_it_and_an_unknown_claimant_is_an_error()
    {
        using var run = new CommandRun { Processes = Pods("active") };
        Write(run);
        Assert.Equal((int)ErrorKind.NotFound, await run.RunAsync("preempt", "restore", "vm:bensh"));
        Assert.Contains("lease.not_found", run.Error, StringComparison.Ordinal);
        var before = await File.ReadAllTextAsync(File_(run));
        Assert.Equal(0, await run.RunAsync("preempt", "restore", "--dry-run"));
        Assert.EndsWith("would end the lease of vm:bench\nwould start studio\n", run.Output, StringComparison.Ordinal);
        Assert.Equal((int)ErrorKind.NotFound, await run.RunAsync("preempt", "restore", "vm:bensh", "--dry-run"));
        Assert.Equal(before, await File.ReadAllTextAsync(File_(run)));
        Assert.Equal(0, await run.RunAsync("preempt", "restore", "vm:bench"));
        Assert.Contains("vm:bench: ended, started again: studio\n", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(File_(run)));
    }

    [Fact]
    public async Task One_that_does_not_start_is_an_error_and_stays_on_the_list()
    {
        using var run = new CommandRun { Processes = new Vms.PlayedPrograms(r => new OpenCharly.Execution.CommandResult("", "no such unit", 1, TimeSpan.Zero)) };
        Write(run);
        Assert.Equal((int)ErrorKind.Failed, await run.RunAsync("preempt", "restore"));
        Assert.Contains("lease.holder", run.Error, StringComparison.Ordinal);
        Assert.Contains("studio", await File.ReadAllTextAsync(File_(run)), StringComparison.Ordinal);
    }

    private static Vms.PlayedPrograms Pods(string state) => new(r => new OpenCharly.Execution.CommandResult(state == "active" && r.Arguments.Contains("inspect") ? "false\n" : "", "", 0, TimeSpan.Zero));

    private static string File_(CommandRun run) => Path.Combine(run.Home, ".local/share/charly/preemption/leases.yml");

    private static void Write(CommandRun run)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File_(run))!);
        File.WriteAllText(File_(run), Leases + "\n");
    }
}
