using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Tests.Operations;

/// <summary>Provisioners, run on this machine instead of in a guest.</summary>
public sealed class ProvisioningTests : IDisposable
{
    private readonly VmFileLab _lab = new();
    private readonly List<string> _lines = [];
    private readonly List<ProvisionResult> _results = [];

    public ProvisioningTests() => Directory.CreateDirectory(Path.Combine(_lab.Vmctl, "vms/dev"));

    public void Dispose() => _lab.Dispose();

    private string Log => File.ReadAllText(Path.Combine(_lab.Vmctl, "vms/dev/provision.log"));

    [Fact]
    public async Task Steps_run_in_order_stream_their_output_and_are_logged()
    {
        File.WriteAllText(_lab.At("setup.sh"), "#!/bin/sh\necho script $0\n");
        File.WriteAllText(_lab.At("app.conf"), "a=1\n");
        File.SetUnixFileMode(_lab.At("app.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await RunAsync(new InlineStep("echo out; echo err >&2"), new FileStep(_lab.At("app.conf"), _lab.At("etc/app.conf")), new ScriptStep(_lab.At("setup.sh")), new InlineStep("cat " + _lab.At("etc/app.conf")));
        Assert.Equal(["err: err", "out: a=1", "out: out", "out: script /tmp/vmctl-provision-3.sh"], _lines.Order(StringComparer.Ordinal));
        Assert.Equal([(1, "command", 0), (2, "file-upload", 0), (3, "script", 0), (4, "command", 0)], _results.Select(r => (r.Step, r.Kind, r.ExitCode)));
        Assert.Equal(
            "=== Step 1: command ===\n--- stdout ---\nout\n--- stderr ---\nerr\n\n=== Step 2: file-upload ===\n\n"
            + "=== Step 3: script ===\n--- stdout ---\nscript /tmp/vmctl-provision-3.sh\n\n=== Step 4: command ===\n--- stdout ---\na=1\n\n",
            Log);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(_lab.At("etc/app.conf")));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(Path.Combine(_lab.Vmctl, "vms/dev/provision.log")));
    }

    [Fact]
    public async Task A_step_that_fails_is_told_and_logged_and_ends_it()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => RunAsync(new InlineStep("true"), new InlineStep("echo no >&2; exit 7"), new InlineStep("touch " + _lab.At("never"))));
        Assert.Equal(("provision.failed", ErrorKind.Failed), (error.Code.Id, error.Code.Kind));
        Assert.StartsWith("machine dev: step 2 of 3 (command: echo no >&2; exit 7) failed with exit code 7: no", error.Message, StringComparison.Ordinal);
        Assert.Contains("provision.log", error.Help, StringComparison.Ordinal);
        Assert.Contains("charly provision --name dev", error.Help, StringComparison.Ordinal);
        Assert.EndsWith("=== Step 2: command ===\n--- stderr ---\nno\n\n", Log, StringComparison.Ordinal);
        Assert.Equal([0, 7], _results.Select(r => r.ExitCode));
        Assert.False(File.Exists(_lab.At("never")));
    }

    [Fact]
    public async Task A_file_that_can_not_be_placed_is_a_failed_step()
    {
        File.WriteAllText(_lab.At("a"), "x");
        var error = await Assert.ThrowsAsync<CharlyException>(() => RunAsync(new FileStep(_lab.At("a"), "/proc/none/a")));
        Assert.Equal("provision.failed", error.Code.Id);
        Assert.NotNull(error.InnerException);
        Assert.Contains("=== Step 1: file-upload ===\n--- stderr ---\n", Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_run_repeats_every_step_and_adds_to_the_log()
    {
        await RunAsync(new InlineStep("echo once"));
        await RunAsync(new InlineStep("echo twice"));
        Assert.Equal(["once", "twice"], Log.Split('\n').Where(l => l is "once" or "twice"));
    }

    [Fact]
    public void A_file_that_is_missing_here_is_told_before_anything_runs()
    {
        var error = Assert.Throws<CharlyException>(() => Steps(new InlineStep("true"), new ScriptStep(_lab.At("none.sh"))).RequireFiles());
        Assert.Equal("provision.failed", error.Code.Id);
        Assert.StartsWith("machine dev, step 2 of 2: there is no file", error.Message, StringComparison.Ordinal);
    }

    private async Task RunAsync(params ProvisionStep[] steps)
    {
        await using var machine = new ExecutorFactory(CharlyEnvironment.FromProcess(), new ProcessRunner(CharlyEnvironment.FromProcess())).Local();
        await Steps(steps).RunAsync(machine, default);
    }

    private Provisioning Steps(params ProvisionStep[] steps) => new(
        _lab.Services,
        new VmDefinition { Name = "dev", Provisions = steps },
        new VmFileRequest { Output = l => _lines.Add((l.IsError ? "err: " : "out: ") + l.Text), Provisioned = _results.Add });
}
