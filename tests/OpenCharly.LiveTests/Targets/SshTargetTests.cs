using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Targets;

/// <summary>A target behind a real sshd: the deploy user is an ordinary account, root comes from sudo.</summary>
public sealed class SshTargetTests(SudoUsers users) : IClassFixture<SudoUsers>
{
    [SudoTheory]
    [InlineData("plain")]
    [InlineData("pty")]
    [InlineData("logged")]
    public async Task Root_and_user_steps_are_applied_recorded_and_undone_over_ssh(string kind)
    {
        var folder = Directory.CreateTempSubdirectory("charly-ssh-").FullName;
        File.SetUnixFileMode(folder, AtomicFile.PrivateFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var secret = Path.Combine(folder, "secret");
        AtomicFile.Write(secret, "root's own", AtomicFile.Private);
        try
        {
            var plan = await PlanAsync(
                kind,
                home => Step("root", "write", secret) with { Content = "ours", Mode = "0600", Scope = StepScope.System },
                home => Step(users.Name(kind), "write", $"{home}/note") with { Content = "mine", Mode = "0644" },
                home => Step("root", "write", $"{folder}/closed/file") with { Content = "x", Mode = "0600", Scope = StepScope.System });
            await using (var target = Target(kind))
            {
                var result = await target.ApplyAsync(plan, new ApplyOptions());
                Assert.Null(result.Failure);
                Assert.Equal("ours", await File.ReadAllTextAsync(secret));
            }

            await using (var target = Target(kind))
            {
                Assert.All((await target.ApplyAsync(plan, new ApplyOptions())).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
            }

            // The user can read the whole ledger, but not what root alone could read before.
            var installed = $"{plan.Home}/.config/opencharly/installed";
            await using var executor = users.Executor(kind);
            var look = await executor.RunAsync(new($"cat {installed}/layers/web.json >/dev/null && ls {installed}/journal && ! cat {installed}/backup/web/* 2>/dev/null && find {installed} -user root -not -path '*/backup/web/*'"));
            Assert.Equal((0, ""), (look.ExitCode, look.StandardOutput));

            await using (var target = Target(kind))
            {
                var removed = await target.RemoveAsync("lab", new RemoveOptions());
                Assert.Null(removed!.Failure);
            }

            Assert.Equal("root's own", await File.ReadAllTextAsync(secret));
            Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(secret));
            Assert.False(Directory.Exists(Path.Combine(folder, "closed")));
            Assert.Equal("", (await executor.RunAsync(new($"ls {installed}/backup; ls ~"))).StandardOutput);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [LiveFact("root", "sshd", "sudo", "useradd", "userdel")]
    public async Task Files_of_one_candy_travel_for_root_and_for_the_user()
    {
        var folder = Directory.CreateTempSubdirectory("charly-ssh-").FullName;
        try
        {
            foreach (var name in new[] { "system", "mine" }) await File.WriteAllTextAsync(Path.Combine(folder, name), name);
            OpStep Copy(string user, string file, string to) => Step(user, "copy", file) with
            {
                To = to,
                CandyFolder = folder,
                Files = [new CandyFile(file, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(file))), file.Length, "0644")],
                Reverse = [new ReverseOp { Kind = user == "root" ? ReverseKinds.RemoveFileSystem : ReverseKinds.RemoveFileUser, Targets = [to], Scope = user == "root" ? StepScope.System : StepScope.User }],
            };
            var plan = await PlanAsync("plain", _ => Copy("root", "system", "/var/tmp/charly-system"), home => Copy(users.Name("plain"), "mine", $"{home}/mine"));
            Assert.Null((await AddAsync(plan, _ => { })).Failure);
            await using var executor = users.Executor("plain");
            Assert.Equal("systemmine", (await executor.RunAsync(new("cat /var/tmp/charly-system ~/mine"))).StandardOutput);
            await using var target = Target("plain");
            Assert.Null((await target.RemoveAsync("lab", new RemoveOptions()))!.Failure);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [LiveFact("root", "sshd", "sudo", "useradd", "userdel")]
    public async Task Without_sudo_a_plan_with_root_steps_is_refused_before_anything_happens()
    {
        var plan = await PlanAsync(
            "none",
            home => Step(users.Name("none"), "write", $"{home}/note") with { Content = "mine", Mode = "0644" },
            _ => Step("root", "write", "/nowhere/file") with { Content = "x", Mode = "0600", Scope = StepScope.System });
        await using var target = Target("none");
        var error = await Assert.ThrowsAsync<CharlyException>(() => target.ApplyAsync(plan, new ApplyOptions()));
        Assert.Equal(Errors.SudoMissing, error.Code);
        await using var executor = users.Executor("none");
        Assert.Equal("", (await executor.RunAsync(new("ls ~"))).StandardOutput);
    }

    [LiveFact("root", "sshd", "sudo", "useradd", "userdel")]
    public async Task A_second_run_waits_for_the_first_and_then_finds_nothing_to_do()
    {
        var plan = await PlanAsync("plain", home => Step(users.Name("plain"), "cmd", $"sleep 3; echo done >>{home}/waited"));
        await using (var warm = Target("plain")) await warm.ApplyAsync(plan with { Name = "other", DeployId = "feedfeedfeedfeed", Steps = [] }, new ApplyOptions());
        var began = new TaskCompletionSource();
        var running = AddAsync(plan, e => _ = e is StepStartedEvent && began.TrySetResult());
        await began.Task;
        var waited = await AddAsync(plan, _ => { });
        Assert.Equal(StepStatus.Done, Assert.Single((await running).Steps).Status);
        Assert.Equal(StepStatus.Unchanged, Assert.Single(waited.Steps).Status);
    }

    private async Task<DeployResult> AddAsync(InstallPlan plan, Action<CharlyEvent> told)
    {
        await using var target = Target("plain", told);
        return await target.ApplyAsync(plan, new ApplyOptions());
    }

    private LinuxTarget Target(string kind, Action<CharlyEvent>? told = null) =>
        new(users.Executor(kind), new LinuxTargetOptions { Id = "host", Host = users.Name(kind) }, new Progress<CharlyEvent>(told ?? (_ => { })));

    private async Task<InstallPlan> PlanAsync(string kind, params Func<string, InstallStep>[] steps)
    {
        await using var target = Target(kind);
        var facts = await target.GetFactsAsync();
        return TestPlan.Of(facts, [.. steps.Select(s => s(facts.Home))]);
    }

    private static OpStep Step(string user, string verb, string value) => TestPlan.Task("web", user, verb, value);
}
