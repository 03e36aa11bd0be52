using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.LiveTests.Vms;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>A bed of a real machine, by <c>eval run</c>: made, added to, checked and taken down again in one go (deploy.md §12).</summary>
/// <remarks>It boots a guest of its own, so it is asked for by <c>CHARLY_TEST_BOOT=1</c>.</remarks>
#pragma warning disable CA1001 // xunit disposes of it by IAsyncLifetime
public sealed class MachineBedTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private VmLab? _lab;

    private VmLab Lab => _lab!;

    public Task InitializeAsync()
    {
        _lab = new VmLab();
        Write("charly.yml",
            """
            version: 2026.163.0928
            discover: [candy]
            vm:
              bench:
                source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}
                disk_size: 4G
                ram: 1G
                cpu: 2
                ssh: {user: tester, port_auto: true, key_source: generate}
            eval:
              bench-bed:
                target: vm
                vm: bench
                disposable: true
                add_candy: [marker]
                eval:
                  - {id: entry-sees-it, command: cat /etc/marker, stdout: here}
                  - {id: entry-is-wrong, file: /etc/nobody-made-this}
                nested:
                  inner:
                    target: local
                    add_candy: [inner]
            """);
        Candy("marker", "  task:\n    - {write: /etc/marker, content: here, user: root}\n  eval:\n    - {id: marker-file, file: /etc/marker, contains: here}\n    - {id: sshd, service: ssh, running: true, scope: deploy}\n");
        Candy("inner", "  task:\n    - {write: \"${HOME}/inner.txt\", content: inside, user: \"${USER}\"}\n  eval:\n    - {id: inner-file, command: cat inner.txt, stdout: inside}\n");
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Lab.DisposeAsync().AsTask();

    [BootFact]
    public async Task A_bed_of_a_machine_is_made_checked_with_what_is_nested_in_it_and_gone_whatever_came_of_it()
    {
        var own = "version: 2026.163.0928\n# mine\ndeploy:\n  laptop: {target: local}\n";
        Directory.CreateDirectory(Path.GetDirectoryName(Lab.Paths.HostFile)!);
        await File.WriteAllTextAsync(Lab.Paths.HostFile, own);
        var run = await new RunBed(Lab.Context).RunAsync(new RunBedRequest { Name = "bench-bed", SshTimeout = TimeSpan.FromMinutes(5) });

        Assert.Empty(run.Leftovers);
        Assert.Equal(["bench-bed", "bench-bed.inner"], run.Reports.Select(r => r.Name));
        var results = run.Reports.SelectMany(r => r.Results).ToDictionary(r => r.Id ?? r.Verb, r => r.Status);
        Assert.Equal(CheckStatus.Pass, results["marker-file"]);
        Assert.Equal(CheckStatus.Pass, results["sshd"]);
        Assert.Equal(CheckStatus.Pass, results["entry-sees-it"]);
        Assert.Equal(CheckStatus.Pass, results["inner-file"]);

        // One is wrong on purpose: the run says so, and takes everything down all the same.
        Assert.Equal(CheckStatus.Fail, results["entry-is-wrong"]);
        Assert.Equal(Errors.ChecksFailed, run.Failure?.Code);
        Assert.Empty(new VmRegistry(Lab.Paths).Read());
        Assert.Empty(Directory.Exists(Path.Combine(Lab.Folder, "data")) ? Directory.EnumerateFiles(Path.Combine(Lab.Folder, "data"), "*.qcow2", SearchOption.AllDirectories) : []);
        Assert.DoesNotContain("charly-bench", File.Exists(Lab.Paths.SshConfig) ? await File.ReadAllTextAsync(Lab.Paths.SshConfig) : "", StringComparison.Ordinal);
        Assert.Equal(own, await File.ReadAllTextAsync(Lab.Paths.HostFile));
    }

    private void Candy(string name, string body) => Write($"candy/{name}/charly.yml", $"candy:\n  name: {name}\n  version: 2026.180.1200\n{body}");

    private void Write(string path, string text)
    {
        var file = Path.Combine(Lab.Project, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class BootFactAttribute : FactAttribute
    {
        public BootFactAttribute() =>
            Skip = GuestFixture.Missing() ?? (Environment.GetEnvironmentVariable("CHARLY_TEST_BOOT") == "1" ? null : "boots a guest of its own; set CHARLY_TEST_BOOT=1");
    }
}
