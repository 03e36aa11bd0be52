using System.Diagnostics;
using System.Globalization;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Arbitration;

/// <summary>
/// The real command, killed with SIGKILL at every single thing that it asks the service manager for: by that manager's stand-in,
/// before it does what it was asked and after it. Whoever was stopped must run again once anybody looks.
/// </summary>
public sealed class KilledClaimantTests : IDisposable
{
    private const string Both = "charly-render.service charly-studio.service";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-killed-").FullName;

    public KilledClaimantTests()
    {
        Write("charly.yml", $$$"""
            version: 2026.163.0928
            vm:
              bench: {backend: noop, source: {kind: imported, libvirt_name: bench, disk_path: {{{_folder}}}/disk.qcow2, disk_format: qcow2}, ssh: {key_source: none, port_auto: true}}
            deploy:
              vm:bench: {requires_exclusive: [gpu]}
              studio: {box: studio, preemptible: [gpu]}
              render: {box: render, preemptible: {holds: [gpu], restore: always}}
            """ + "\n");
        Write("disk.qcow2", "");
        foreach (var pod in new[] { "studio", "render" }) Write($".config/containers/systemd/charly-{pod}.container", "[Container]\n");
        Directory.CreateDirectory(Path.Combine(_folder, "running"));
        Write("bin/systemctl", $$"""
            #!/bin/bash
            cd {{_folder}}
            n=$(($(cat count) + 1))
            echo $n >count
            read -r at when <plan
            [ "$n $when" != "$at before" ] || { kill -9 $PPID; exit; }
            case $2 in
              stop) rm -f "running/$3" ;;
              start) touch "running/$3" ;;
              is-active) if [ -e "running/$3" ]; then echo active; else echo inactive; fi ;;
            esac
            [ "$n $when" != "$at after" ] || kill -9 $PPID
            """ + "\n");
        File.SetUnixFileMode(Path.Combine(_folder, "bin/systemctl"), (UnixFileMode)0b111_101_101);
    }

    [LiveFact("bash")]
    public async Task Killed_at_any_step_it_leaves_nobody_stopped()
    {
        Assert.Equal(0, await CharlyAsync(0, "", "vm", "create", "bench"));
        Reset();
        var kills = 0;
        foreach (var verb in new[] { "start", "stop" })
        {
            var isKilled = true;
            for (var at = 1; isKilled; at++)
            {
                isKilled = false;
                foreach (var when in new[] { "before", "after" })
                {
                    Reset();
                    if (verb == "stop") Assert.Equal(0, await CharlyAsync(0, "", "vm", "start", "bench"));
                    var exit = await CharlyAsync(at, when, "vm", verb, "bench");
                    if (exit == 0)
                    {
                        Assert.Equal(verb == "start" ? "" : Both, Running());
                        if (verb == "start") Assert.Equal(0, await CharlyAsync(0, "", "vm", "stop", "bench"));
                        continue;
                    }

                    Assert.Equal(137, exit);
                    isKilled = true;
                    kills++;
                    Assert.Equal(0, await CharlyAsync(0, "", "preempt", "restore"));
                    Assert.True(Running() == Both, $"vm {verb} killed {when} call {at}: only these run: {Running()}");
                    Assert.False(File.Exists(Path.Combine(_folder, ".local/share/charly/preemption/leases.yml")));
                }
            }
        }

        Assert.True(kills >= 16, $"only {kills} kills");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Reset()
    {
        foreach (var unit in Both.Split(' ')) Write("running/" + unit, "");
    }

    private string Running() => string.Join(' ', Directory.GetFiles(Path.Combine(_folder, "running")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    private async Task<int> CharlyAsync(int at, string when, params string[] words)
    {
        Write("count", "0\n");
        Write("plan", string.Create(CultureInfo.InvariantCulture, $"{at} {when}\n"));
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "charly.dll"), .. words]) { WorkingDirectory = _folder, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("XDG_", StringComparison.Ordinal) || k.StartsWith("CHARLY_", StringComparison.Ordinal)).ToArray()) info.Environment.Remove(name);
        info.Environment["HOME"] = _folder;
        info.Environment["PATH"] = Path.Combine(_folder, "bin") + ":" + info.Environment["PATH"];
        using var process = Process.Start(info)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode is 0 or 137, $"charly {string.Join(' ', words)}: {process.ExitCode}: {error}{await output}");
        return process.ExitCode;
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
