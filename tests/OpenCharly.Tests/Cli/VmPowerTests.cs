using System.Diagnostics;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Cli;

/// <summary>A machine that already is as it shall be: a note and exit code 0. QEMU is a process with its name on it.</summary>
public sealed class VmPowerTests : IDisposable
{
    private readonly CommandRun _run = new();
    private Process? _running;

    public void Dispose()
    {
        _running?.Kill();
        _running?.Dispose();
        _run.Dispose();
    }

    [Fact]
    public async Task Starting_one_that_runs_is_noted_and_shows_it()
    {
        var files = await MakeAsync();
        _running = Process.Start("sh", ["-c", "while :; do sleep 1; done", files.PidFile])!;
        await File.WriteAllTextAsync(files.PidFile, $"{_running.Id}\n");
        Assert.Equal(0, await _run.RunAsync("vm", "start", "lab"));
        Assert.Contains("VM is already running", _run.Error, StringComparison.Ordinal);
        Assert.StartsWith("lab running", _run.Output, StringComparison.Ordinal);
        Assert.False(_running.HasExited);
    }

    [Theory]
    [InlineData("--format", "table")]
    [InlineData("--format", "json")]
    public async Task Stopping_one_that_is_off_is_noted_and_shows_it(params string[] format)
    {
        await MakeAsync();
        Assert.Equal(0, await _run.RunAsync(["vm", "stop", "lab", .. format]));
        Assert.Contains("stopped", _run.Output, StringComparison.Ordinal);
        Assert.Contains("VM is not running", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_errors_stay_errors() => Assert.Equal((int)ErrorKind.NotFound, await _run.RunAsync("vm", "stop", "nobody"));

    private async Task<VmFiles> MakeAsync()
    {
        var context = new CharlyContext(new CharlyEnvironment { Variables = _run.Variables, Home = _run.Home, WorkingDirectory = _run.Home });
        var services = new VmServices(context);
        var files = services.Files(VmName.VmFile("lab"));
        Directory.CreateDirectory(files.Folder);
        await File.WriteAllTextAsync(files.Command, "{}");
        await File.WriteAllTextAsync(files.ConsoleLog, "");
        await services.Registry.PutAsync(new VmHandle { Id = "qemu-1", Name = "lab", Backend = "qemu", WorkDir = files.Folder });
        return files;
    }
}
