using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

public sealed class PlanCompilerTests : IDisposable
{
    private readonly SampleCandies _candies = new();

    [Fact]
    public void The_same_request_gives_the_same_plan()
    {
        var first = PlanJson.Write(Plan.Compile("debian:13", _candies.All));
        Assert.Equal(first, PlanJson.Write(Plan.Compile("debian:13", _candies.All)));
    }

    [Fact]
    public void The_deploy_id_depends_on_key_candies_and_overlays_in_order()
    {
        // Checked with: printf 'laptop\0a\0b\0\001x\0' | sha256sum
        Assert.Equal("d830ad1d5fb7cec8", PlanCompiler.DeployId("laptop", ["a", "b"], ["x"]));
        var ids = new[]
        {
            PlanCompiler.DeployId("laptop", ["a", "b"], ["x"]), PlanCompiler.DeployId("laptop", ["b", "a"], ["x"]),
            PlanCompiler.DeployId("laptop", ["ab"], ["x"]), PlanCompiler.DeployId("laptop", ["a", "b", "x"], []), PlanCompiler.DeployId("other", ["a", "b"], ["x"]),
        };
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Steps_of_a_candy_come_in_the_order_of_the_specification()
    {
        var candy = _candies.Shells() with
        {
            Packages = ["x"], Builders = ["npm"], LocalPackages = new Dictionary<string, string> { ["deb"] = "pkg" },
            Sections = [new PackageSection { Tag = "debian", Repositories = [new PackageRepository { Name = "r", Url = "https://r.example.org", Key = "https://r.example.org/k" }] }],
            Tasks = [SampleCandies.Task("cmd", "true"), SampleCandies.Task("mkdir", "/srv/x")],
            Services = [SampleCandies.Service("s") with { Exec = "/bin/true" }],
            Apks = [new ApkPackage("a", null, null, null, null)], Reboot = true,
        };
        File.WriteAllText(Path.Combine(candy.Folder, "package.json"), "{}");
        Directory.CreateDirectory(Path.Combine(candy.Folder, "pkg/debian"));
        File.WriteAllText(Path.Combine(candy.Folder, "pkg/debian/control"), "Source: x\n");
        StepKind[] expected =
        [
            StepKind.ShellHook, StepKind.RepoChange, StepKind.SystemPackages, StepKind.SystemPackages, StepKind.Builder, StepKind.LocalPkgInstall,
            StepKind.Op, StepKind.Op, StepKind.ServiceCustom, StepKind.ShellSnippet, StepKind.ShellSnippet, StepKind.ShellSnippet, StepKind.ShellSnippet,
            StepKind.ApkInstall, StepKind.Reboot,
        ];
        var plan = Plan.Compile("debian:13", candy);
        Assert.Equal(expected, plan.Steps.Select(s => s.Kind));
        Assert.Equal(["bash", "zsh", "fish", "sh"], plan.Steps.OfType<ShellSnippetStep>().Select(s => s.Shell));
        Assert.Equal(Enumerable.Range(0, expected.Length), plan.Steps.Select(s => s.Index));
    }

    [Fact]
    public void A_build_task_moves_the_builders_to_its_place()
    {
        var candy = _candies.Builders() with { Tasks = [SampleCandies.Task("mkdir", "/a"), SampleCandies.Task("build", "all"), SampleCandies.Task("mkdir", "/b")] };
        Assert.Equal(
            ["ShellHook", "Op", "Builder cargo", "Builder npm", "Builder pixi", "Op"],
            Plan.Compile("debian:13", candy).Steps.Select(s => s is BuilderStep b ? $"Builder {b.Builder}" : s.Kind.ToString()));
    }

    [Fact]
    public void A_builder_runs_in_the_image_of_the_request_else_in_its_own_and_a_missing_one_is_told()
    {
        var request = Plan.Request("debian:13", _candies.Builders());
        Assert.Equal(3, PlanCompiler.Compile(request).Warnings.Count(w => w.Contains("in which image the builder", StringComparison.Ordinal)));
        request = request with { BuilderImages = new Dictionary<string, string> { ["npm"] = "node-builder", ["cargo"] = "rust-builder", ["pixi"] = "pixi-builder" } };
        Assert.Equal(["rust-builder", "node-builder", "pixi-builder"], PlanCompiler.Compile(request).Steps.OfType<BuilderStep>().Select(s => s.BuilderImage));
        var plan = PlanCompiler.Compile(request with { BuilderImage = "one:1" });
        Assert.All(plan.Steps.OfType<BuilderStep>(), s => Assert.Equal("one:1", s.BuilderImage));
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void Two_pixi_environments_of_one_name_are_told()
    {
        var other = _candies.New("other", ("pixi.toml", "[project]\nname = \"o\"\n")) with { Builders = ["pixi"] };
        Assert.Contains(Plan.Compile("debian:13", _candies.Builders(), other).Warnings, w => w.Contains("builders and other both build the pixi environment default", StringComparison.Ordinal));
    }

    [Fact]
    public void A_package_without_its_sources_is_left_out_with_a_note_and_changed_sources_are_a_changed_step()
    {
        var candy = _candies.New("p") with { LocalPackages = new Dictionary<string, string> { ["deb"] = "pkg" } };
        Assert.Equal(SkipReason.NoSource, Plan.Compile("debian:13", candy).Steps.Single().Skip);
        var control = Path.Combine(candy.ProjectFolder, "pkg/debian/control");
        Directory.CreateDirectory(Path.GetDirectoryName(control)!);
        File.WriteAllText(control, "Source: a\n");
        var first = (LocalPkgInstallStep)Plan.Compile("debian:13", candy).Steps.Single();
        Assert.True(first.Enabled);
        Assert.Equal(Path.Combine(candy.ProjectFolder, "pkg"), first.SourceFolder);
        File.WriteAllText(control, "Source: b\n");
        Assert.NotEqual(first.Digest, Plan.Compile("debian:13", candy).Steps.Single().Digest);
    }

    [Fact]
    public void A_closed_gate_keeps_its_step_in_the_plan_and_says_which_flag_opens_it()
    {
        var plan = PlanCompiler.Compile(Plan.Request("debian:13", _candies.All) with { Gates = new PlanGates() });
        foreach (var step in plan.Steps.Where(s => s.Gate != StepGate.None))
        {
            Assert.Equal(SkipReason.GateClosed, step.Skip);
            Assert.Contains(plan.Skips, s => s.Step == step.Index && s.Hint == "--" + PlanGates.FlagOf(step.Gate));
        }

        Assert.Equal(3, plan.Steps.Select(s => s.Gate).Where(g => g != StepGate.None).Distinct().Count());
        Assert.Contains(plan.Steps, s => s is { Gate: StepGate.None, Enabled: true });
        Assert.DoesNotContain(plan.Batches, b => b.Steps.Any(i => !plan.Steps[i].Enabled));
    }

    [Fact]
    public void A_digest_ignores_gates_and_where_the_project_lies_but_no_field()
    {
        var open = Plan.Compile("debian:13", _candies.Files()).Steps;
        using var elsewhere = new SampleCandies();
        Assert.Equal(open.Select(s => s.Digest), Plan.Compile("debian:13", elsewhere.Files()).Steps.Select(s => s.Digest));
        File.WriteAllText(Path.Combine(elsewhere.Files().Folder, "motd"), "hello\n");
        var changed = elsewhere.Files();
        File.WriteAllText(Path.Combine(changed.Folder, "motd"), "other\n");
        var steps = Plan.Compile("debian:13", changed).Steps;
        Assert.Equal(
            open.OfType<OpStep>().Where(s => s is { Verb: "copy", Value: "motd" }).Select(s => s.Index),
            steps.Where(s => s.Digest != open[s.Index].Digest).Select(s => s.Index));
    }

    [Fact]
    public void A_candy_of_nothing_but_foreign_packages_is_refused()
    {
        var request = Plan.Request("arch", _candies.New("deb-only") with { Sections = [new PackageSection { Tag = "debian", Packages = ["x"] }] });
        var error = Assert.Throws<CharlyException>(() => PlanCompiler.Compile(request));
        Assert.Equal(Errors.PlanIncompatible, error.Code);
        Assert.Contains("deb-only", error.Message, StringComparison.Ordinal);
        Assert.Contains("arch, pac", error.Message, StringComparison.Ordinal);
        Assert.Contains("debian", error.Message, StringComparison.Ordinal);
        var plan = PlanCompiler.Compile(request with { SkipIncompatible = true });
        Assert.Empty(plan.Steps);
        Assert.Empty(plan.Candies);
        Assert.Equal(SkipReason.Incompatible, Assert.Single(plan.Skips).Reason);
    }

    [Fact]
    public void A_candy_with_foreign_packages_and_something_else_stays_with_a_note()
    {
        var candy = _candies.New("mixed") with { Sections = [new PackageSection { Tag = "debian", Packages = ["x"] }], Tasks = [SampleCandies.Task("mkdir", "/x")] };
        var plan = Plan.Compile("arch", candy);
        Assert.Equal(StepKind.Op, Assert.Single(plan.Steps).Kind);
        Assert.Contains("no section for arch, pac", Assert.Single(plan.Skips).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_need_a_known_package_manager()
    {
        var request = Plan.Request("alpine:3.20", _candies.New("p") with { Packages = ["x"] });
        Assert.Equal(Errors.PlanDistro, Assert.Throws<CharlyException>(() => PlanCompiler.Compile(request)).Code);
        Assert.Equal(SkipReason.NoPackageManager, Assert.Single(PlanCompiler.Compile(request with { SkipIncompatible = true }).Skips).Reason);
        Assert.Empty(Plan.Compile("alpine:3.20", _candies.New("none")).Skips);
    }

    [Fact]
    public void Required_variables_come_from_the_entry_then_the_process_then_their_default()
    {
        var candy = _candies.New("env") with
        {
            EnvRequire = [new CandyRequirement("A", "the A", null, null), new CandyRequirement("B", "the B", null, "default")],
            Tasks = [SampleCandies.Task("cmd", "true")],
        };
        var request = Plan.Request("debian:13", candy);
        var error = Assert.Throws<CharlyException>(() => PlanCompiler.Compile(request));
        Assert.Equal(Errors.PlanEnvironment, error.Code);
        Assert.Contains("A (candy env: the A)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the B", error.Message, StringComparison.Ordinal);
        request = request with { ProcessEnvironment = new Dictionary<string, string> { ["A"] = "process", ["B"] = "process" } };
        Assert.Equal("process", VariablesOf(request)["B"]);
        Assert.Equal("entry", VariablesOf(request with { Environment = new Dictionary<string, string> { ["A"] = "entry" } })["A"]);

        static IReadOnlyDictionary<string, string> VariablesOf(PlanRequest request) => PlanCompiler.Compile(request).Steps.OfType<OpStep>().Single().Variables;
    }

    [Theory]
    [InlineData("root", "root", StepScope.System)]
    [InlineData("0:0", "root", StepScope.System)]
    [InlineData("${USER}", "ada", StepScope.User)]
    [InlineData("1000", "ada", StepScope.User)]
    [InlineData("1000:1000", "ada", StepScope.User)]
    [InlineData("1000:5", "1000:5", StepScope.User)]
    [InlineData("postgres", "postgres", StepScope.User)]
    public void A_task_runs_as(string user, string resolved, StepScope scope)
    {
        var step = (OpStep)Plan.Compile("debian:13", _candies.New("u") with { Tasks = [SampleCandies.Task("cmd", "true", user)] }).Steps[0];
        Assert.Equal(resolved, step.ResolvedUser);
        Assert.Equal(scope, step.Scope);
        Assert.Equal(scope == StepScope.System ? StepGate.AllowRootTasks : StepGate.None, step.Gate);
    }

    [Fact]
    public void Paths_know_variables_and_bodies_do_not()
    {
        var candy = _candies.New("v") with
        {
            Variables = new Dictionary<string, string> { ["V"] = "~/v", ["W"] = "${V}/${ARCH}" },
            Environment = new Dictionary<string, string> { ["E"] = "env" },
            Tasks =
            [
                SampleCandies.Task("write", "${W}/${E}/${UID}") with { Content = "${V} $HOME" },
                SampleCandies.Task("cmd", "echo ${V} $HOME /x"),
            ],
        };
        var steps = Plan.Compile("debian:13", candy).Steps.OfType<OpStep>().ToList();
        Assert.Equal("/home/ada/v/${ARCH}/env/1000", steps[0].Value);
        Assert.Equal("${V} $HOME", steps[0].Content);
        Assert.Equal("echo ${V} $HOME /x", steps[1].Value);
        Assert.Equal(["/home/ada/v/amd64/env/1000"], steps[0].Reverse.Single().Targets);
    }

    [Theory]
    [InlineData("write", "${NONE}/x", "TSK009")]
    [InlineData("write", "${LOOP}/x", "TSK009")]
    [InlineData("mkdir", "relative", "TSK003")]
    [InlineData("copy", "missing", "TSK004")]
    [InlineData("copy", "../other", "TSK004")]
    [InlineData("copy", "/etc/passwd", "TSK004")]
    [InlineData("download", "https://x.example.org/a", "TSK006")]
    public void A_wrong_task_is_refused(string verb, string value, string code)
    {
        var candy = _candies.New("w") with
        {
            Variables = new Dictionary<string, string> { ["LOOP"] = "/${LOOP}" },
            Tasks = [SampleCandies.Task(verb, value) with { Content = "x", To = verb == "copy" ? "/x" : null }],
        };
        Assert.Equal(code, Assert.Throws<CharlyException>(() => Plan.Compile("debian:13", candy)).Code.Id);
    }

    [Fact]
    public void The_environment_of_the_deploy_entry_wins_over_that_of_a_candy()
    {
        var plan = PlanCompiler.Compile(Plan.Request("debian:13", _candies.Shells()) with { Environment = new Dictionary<string, string> { ["EDITOR"] = "nano" } });
        var hooks = plan.Steps.OfType<ShellHookStep>().ToList();
        Assert.Equal(["shells", "vm-web"], hooks.Select(h => h.Candy));
        Assert.All(hooks, h => Assert.Equal("nano", h.Variables["EDITOR"]));
        Assert.Equal("/home/ada/.config/opencharly/env.d/vm-web.env", hooks[1].EnvFile);
        Assert.Equal(["shells", "vm-web"], plan.Candies.Select(c => c.Name));
        Assert.Equal(Plan.Compile("debian:13", _candies.Shells()).DeployId, plan.DeployId);
    }

    [Fact]
    public void A_snippet_with_one_path_for_all_shells_is_one_file()
    {
        var same = _candies.New("same") with { Shell = new ShellBlock(new ShellLines("export A=1", [], "/etc/profile.d/a.sh"), new Dictionary<string, ShellLines>(), 50) };
        var plan = Plan.Compile("debian:13", same);
        Assert.Equal("bash", Assert.Single(plan.Steps.OfType<ShellSnippetStep>(), s => s.Enabled).Shell);
        Assert.Empty(plan.Warnings);
        var differs = same with { Shell = same.Shell! with { Generic = new ShellLines("tool hook ${SHELL_NAME}", [], "/etc/profile.d/a.sh") } };
        plan = Plan.Compile("debian:13", differs);
        Assert.Equal("tool hook bash", Assert.Single(plan.Steps.OfType<ShellSnippetStep>(), s => s.Enabled).Snippet);
        Assert.Contains("same: /etc/profile.d/a.sh is written for bash, and what it would say for fish differs: give fish a path of its own", plan.Warnings);
    }

    [Fact]
    public void A_command_over_several_lines_is_one_command_and_can_not_smuggle_a_directive()
    {
        var candy = _candies.New("long") with
        {
            Services =
            [
                SampleCandies.Service("a") with { Exec = "/usr/bin/a \\\n  --one\n--two\nUser=root", StopSignal = "15", User = "1000:33" },
                SampleCandies.Service("b") with { Exec = "/usr/bin/b", StopSignal = "QUIT", User = "www-data" },
            ],
        };
        var units = Plan.Compile("debian:13", candy).Steps.OfType<ServiceCustomStep>().Select(s => s.UnitText).ToList();
        Assert.Contains("ExecStart=/usr/bin/a \\\n  --one \\\n--two \\\nUser=root\nKillSignal=15\nUser=1000\nGroup=33\n", units[0], StringComparison.Ordinal);
        Assert.Contains("KillSignal=SIGQUIT\nUser=www-data\n\n", units[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_may_choose_the_file_that_is_copied()
    {
        var candy = _candies.New("choice", ("conf-small.ini", "small\n")) with
        {
            Variables = new Dictionary<string, string> { ["SIZE"] = "small" },
            Tasks = [SampleCandies.Task("copy", "conf-${SIZE}.ini") with { To = "/etc/choice.ini" }],
        };
        Assert.Equal("conf-small.ini", Assert.IsType<OpStep>(Assert.Single(Plan.Compile("debian:13", candy).Steps)).Value);
    }

    [Fact]
    public void Without_systemd_services_are_skipped_and_supervisord_stays()
    {
        var request = Plan.Request("debian:13", _candies.New("supervisord") with { Packages = ["supervisor"] }, _candies.Services());
        Assert.DoesNotContain(PlanCompiler.Compile(request).Candies, c => c.Name == "supervisord");
        var plan = PlanCompiler.Compile(request with { Facts = request.Facts with { HasSystemd = false } });
        Assert.Contains(plan.Candies, c => c.Name == "supervisord");
        Assert.All(plan.Steps.Where(s => s.Gate == StepGate.WithServices), s => Assert.Equal(SkipReason.InitSystem, s.Skip));
    }

    [Fact]
    public void Of_a_packaged_and_a_custom_service_of_one_name_systemd_takes_the_packaged_one()
    {
        var plan = Plan.Compile("debian:13", _candies.Services());
        Assert.Contains(plan.Steps, s => s is ServicePackagedStep { Unit: "wxd.service" });
        Assert.DoesNotContain(plan.Steps, s => s is ServiceCustomStep { Name: "charly-services-wxd" });
    }

    [Fact]
    public void Only_virtual_machines_are_rebooted()
    {
        var request = Plan.Request("debian:13", _candies.Appliance());
        Assert.True(PlanCompiler.Compile(request).Steps.OfType<RebootStep>().Single().Enabled);
        var local = PlanCompiler.Compile(Plan.Local(request));
        Assert.Equal(SkipReason.NotSupportedOnTarget, local.Steps.OfType<RebootStep>().Single().Skip);
        Assert.Contains(local.Warnings, w => w.Contains("reboot", StringComparison.Ordinal));
    }

    [Fact]
    public void Repositories_can_not_smuggle_lines_into_their_files()
    {
        foreach (var repository in new[]
        {
            new PackageRepository { Name = "x", Url = "https://x.example.org\ndeb https://evil.example.org ./" },
            new PackageRepository { Name = "../x", Url = "https://x.example.org" },
        })
        {
            var candy = _candies.New("r") with { Sections = [new PackageSection { Tag = "deb", Packages = ["p"], Repositories = [repository] }] };
            Assert.Equal(Errors.CandyRepository, Assert.Throws<CharlyException>(() => Plan.Compile("debian:13", candy)).Code);
        }
    }

    [Fact]
    public void A_unit_can_not_hold_directives_that_nobody_wrote()
    {
        var candy = _candies.New("s") with { Services = [SampleCandies.Service("x") with { Exec = "/bin/true", WorkingDirectory = "/x\nExecStartPre=/bin/evil" }] };
        Assert.Equal(Errors.ServiceValue, Assert.Throws<CharlyException>(() => Plan.Compile("debian:13", candy)).Code);
    }

    public void Dispose() => _candies.Dispose();
}
