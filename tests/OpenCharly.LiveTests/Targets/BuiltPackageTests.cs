using System.Security.Cryptography;
using OpenCharly.Building;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Targets;

/// <summary>Packages built for the test, whose scripts leave what no package owns: a file, a folder, an account.</summary>
public sealed class BuiltPackageTests : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("charly-deb-").FullName;
    private readonly string _name = "charly-test-" + Guid.NewGuid().ToString("N")[..8];
    private readonly ProcessRunner _programs = new(CharlyEnvironment.FromProcess());

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Need.Missing("root", "dpkg-deb") is null) await _programs.RunAsync(new ProcessRequest("dpkg", "--purge", _name + "-user", _name));
        Directory.Delete(_home, recursive: true);
    }

    [LiveFact("root", "apt-get", "dpkg-deb", "useradd", "userdel")]
    public async Task What_maintainer_scripts_leave_goes_with_the_package()
    {
        var stray = $"/var/lib/{_name}";
        var deb = await BuildAsync(_name, "", $"""
            useradd --system --no-create-home {_name}
            mkdir -p {stray}/deep
            echo made >{stray}/deep/file
            """);
        var plan = await PlanAsync();
        await using (var target = Target(deb)) Assert.Null((await target.ApplyAsync(plan, new ApplyOptions())).Failure);
        Assert.True(File.Exists($"{stray}/deep/file"));
        await using (var target = Target(deb)) Assert.Equal(StepStatus.Unchanged, (await target.ApplyAsync(plan, new ApplyOptions())).Steps[0].Status);
        await using (var target = Target(deb)) Assert.Null((await target.RemoveAsync("lab", new RemoveOptions()))!.Failure);
        Assert.False(Directory.Exists(stray));
        Assert.DoesNotContain(_name, await File.ReadAllTextAsync("/etc/passwd"), StringComparison.Ordinal);
        Assert.DoesNotContain(_name, await File.ReadAllTextAsync("/etc/group"), StringComparison.Ordinal);
        Assert.False((await _programs.RunAsync(new ProcessRequest("dpkg-query", "-W", _name))).Succeeded);
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_package_that_something_else_needs_by_now_stays()
    {
        var deb = await BuildAsync(_name, "", ":");
        var plan = await PlanAsync();
        await using (var target = Target(deb)) Assert.Null((await target.ApplyAsync(plan, new ApplyOptions())).Failure);
        var needing = await BuildAsync(_name + "-user", $"Depends: {_name}\n", ":");
        Assert.True((await _programs.RunAsync(new ProcessRequest("dpkg", "-i", needing))).Succeeded);
        await using (var target = Target(deb))
        {
            var removed = await target.RemoveAsync("lab", new RemoveOptions());
            Assert.Null(removed!.Failure);
            Assert.Contains($"still needed: {_name}", Assert.Single(removed.Undone).Detail, StringComparison.Ordinal);
        }

        Assert.True((await _programs.RunAsync(new ProcessRequest("dpkg-query", "-W", _name))).Succeeded);
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_package_step_that_was_cut_is_undone_all_the_same()
    {
        // The script of the package kills the session that installs it: dpkg has unpacked it, nothing has ended.
        var stray = $"/var/lib/{_name}";
        var deb = await BuildAsync(_name, "", $"mkdir -p {stray}; touch {stray}/half; kill -9 $(cat {_home}/shell)");
        var plan = await PlanAsync();
        await using (var target = Target(deb, $"echo $$ >{_home}/shell\n"))
        {
            var result = await target.ApplyAsync(plan, new ApplyOptions());
            Assert.Equal(Errors.RunLost, result.Failure!.Code);
        }

        await using (var target = Target(deb))
        {
            var removed = await target.RemoveAsync("lab", new RemoveOptions());
            Assert.Null(removed!.Failure);
        }

        Assert.False((await _programs.RunAsync(new ProcessRequest("dpkg-query", "-W", _name))).Succeeded);
        Assert.False(Directory.Exists(stray));
    }

    private async Task<string> BuildAsync(string name, string control, string postinst)
    {
        var tree = Path.Combine(_home, name);
        Directory.CreateDirectory(Path.Combine(tree, "DEBIAN"));
        await File.WriteAllTextAsync(Path.Combine(tree, "DEBIAN", "control"), $"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\n{control}Description: test\n");
        var script = Path.Combine(tree, "DEBIAN", "postinst");
        await File.WriteAllTextAsync(script, $"#!/bin/sh\nset -e\n{postinst}\n");
        File.SetUnixFileMode(script, AtomicFile.Shared | (UnixFileMode)0b001_001_001);
        Directory.CreateDirectory(Path.Combine(tree, "usr/share", name));
        await File.WriteAllTextAsync(Path.Combine(tree, "usr/share", name, "owned"), "owned");
        var built = await _programs.RunAsync(new ProcessRequest("dpkg-deb", "--build", "--root-owner-group", tree, tree + ".deb"));
        Assert.True(built.Succeeded, built.Tail());
        return tree + ".deb";
    }

    private async Task<InstallPlan> PlanAsync()
    {
        await using var target = Target("");
        return TestPlan.Of(await target.GetFactsAsync(), new LocalPkgInstallStep
        {
            Candy = "built",
            Scope = StepScope.System,
            Format = "deb",
            Source = "src",
            CandyFolder = "/nowhere",
            ProjectFolder = "/nowhere",
            Reverse = [new ReverseOp { Kind = ReverseKinds.PackageRemove, Format = "deb", Targets = [_name], Scope = StepScope.System }],
        });
    }

    private LinuxTarget Target(string deb, string before = "")
    {
        var real = CharlyEnvironment.FromProcess();
        var environment = real with { Home = _home, WorkingDirectory = _home, Variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = _home } };
        var options = new LinuxTargetOptions
        {
            Id = "host",
            Host = "local",
            Builder = new ReadyMade(deb, before),
        };
        return new LinuxTarget(new LocalExecutor(environment, new ProcessRunner(environment)), options, new Progress<CharlyEvent>());
    }

    /// <summary>A builder that has the package already.</summary>
    private sealed class ReadyMade(string deb, string before) : IStepBuilder
    {
        public Task CheckAsync(IReadOnlyList<InstallStep> steps, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public async Task<BuiltStep> BuildAsync(BuildRequest request, CancellationToken cancellationToken = default)
        {
            var digest = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(deb, cancellationToken)));
            var script = request.Script with
            {
                Body = before + request.Script.Body,
                Staged = [new StagedFile($"{StagedNames.LocalPackages((LocalPkgInstallStep)request.Step)}/test.deb", deb, digest)],
            };
            return new BuiltStep(script, request.Step.Reverse);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
