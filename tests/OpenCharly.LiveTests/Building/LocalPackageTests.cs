using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Building;

/// <summary>A Debian package built from sources beside its candy with dpkg's own tools, installed on this machine, and undone.</summary>
public sealed class LocalPackageTests : IAsyncLifetime, IDisposable
{
    private readonly string _name = "charly-local-" + Guid.NewGuid().ToString("N")[..8];
    private readonly ProcessRunner _programs = new(CharlyEnvironment.FromProcess());
    private readonly BuildLab _lab = new(CharlyEnvironment.FromProcess());

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Need.Missing("root", "dpkg") is null) await _programs.RunAsync(new ProcessRequest("dpkg", "--purge", _name));
    }

    public void Dispose() => _lab.Dispose();

    [LiveFact("root", "apt-get", "dpkg-buildpackage", "dh")]
    public async Task A_deb_is_built_from_its_sources_installed_and_removed()
    {
        WriteSources("1.0");
        var added = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("package"));
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.Equal("1.0\n", (await _programs.RunAsync(new ProcessRequest($"/usr/bin/{_name}"))).StandardOutput);
        Assert.Equal([_name], Assert.Single((await LedgerAsync()).Candies).ReverseOps.Single().Targets);
        Assert.Equal(["debian", "hello.sh"], Directory.GetFileSystemEntries(Path.Combine(_lab.Project, "candy/package/pkg")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Assert.Equal(StepStatus.Unchanged, Assert.Single((await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("package"))).Steps).Status);
        WriteSources("2.0");
        Assert.Equal(StepStatus.Done, Assert.Single((await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("package"))).Steps).Status);
        Assert.Equal("2.0\n", (await _programs.RunAsync(new ProcessRequest($"/usr/bin/{_name}"))).StandardOutput);

        Assert.Null((await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" })).Failure);
        Assert.False((await _programs.RunAsync(new ProcessRequest("dpkg-query", "-W", _name))).Succeeded);
    }

    [LiveFact("root", "apt-get", "dpkg-buildpackage", "dh")]
    public async Task Sources_that_do_not_build_are_that_steps_failure()
    {
        WriteSources("1.0");
        File.Delete(Path.Combine(_lab.Project, "candy/package/pkg/hello.sh"));
        var added = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("package"));
        Assert.Equal(Errors.RunStep, added.Failure!.Code);
        Assert.Equal(StepStatus.Failed, Assert.Single(added.Steps).Status);
        Assert.Contains("hello.sh", added.Steps[0].Output, StringComparison.Ordinal);
    }

    private void WriteSources(string version)
    {
        _lab.Write("candy/package/charly.yml", "candy:\n  name: package\n  version: 2026.180.1200\n  localpkg: {deb: pkg}\n");
        _lab.Write("candy/package/pkg/hello.sh", $"#!/bin/sh\necho {version}\n");
        _lab.Write("candy/package/pkg/debian/control", $"Source: {_name}\nMaintainer: Nobody <nobody@example.org>\nBuild-Depends: debhelper-compat (= 13)\n\nPackage: {_name}\nArchitecture: all\nDescription: test\n");
        _lab.Write("candy/package/pkg/debian/rules", "#!/usr/bin/make -f\n%:\n\tdh $@\n");
        _lab.Write("candy/package/pkg/debian/changelog", $"{_name} ({version}) unstable; urgency=low\n\n  * Test.\n\n -- Nobody <nobody@example.org>  Sat, 21 Nov 2026 00:00:00 +0000\n");
        _lab.Write("candy/package/pkg/debian/install", $"build/{_name} usr/bin\n");
        _lab.Write("candy/package/pkg/debian/rules", $"#!/usr/bin/make -f\n%:\n\tdh $@\noverride_dh_auto_build:\n\tmkdir -p build && cp hello.sh build/{_name}\n");
    }

    private async Task<OpenCharly.Ledger.LedgerRecord> LedgerAsync() =>
        await new GetLedger(_lab.Context).RunAsync("host");
}
