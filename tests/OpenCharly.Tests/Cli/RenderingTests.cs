using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Cli;

public sealed class RenderingTests
{
    private static readonly DateTimeOffset Time = new(2026, 6, 10, 16, 49, 30, TimeSpan.Zero);

    private static readonly CharlyVm Web = new()
    {
        Name = "web", Id = "charly-web", Backend = "qemu", Status = VmStatus.Running, Pid = 4242, Cpus = 2, MemoryMb = 768,
        Ssh = new SshEndpoint("charly-web", "127.0.0.1", 2222, "ada"), WorkDir = "/data/vm/charly-web", Disk = "/p/output/web/disk.qcow2",
        State = new VmDeployState { Key = "vm:web", SshPort = 2222, KeyInjectionSmbios = true, AppliedLayers = ["nginx"], LastBuild = Time },
    };

    private static readonly CharlyVm Database = new() { Name = "database", Id = "charly-database", Backend = "noop", Status = VmStatus.Prepared };

    private static readonly SystemPackagesStep Packages = new()
    {
        Candy = "nginx", Index = 0, Scope = StepScope.System, PackagePhase = StepPhase.Install, Format = "deb", Packages = ["nginx"], Digest = "9c1d",
    };

    private static readonly ServiceCustomStep Service = new()
    {
        Candy = "nginx", Index = 1, Scope = StepScope.System, Gate = StepGate.WithServices, Skip = SkipReason.GateClosed,
        Name = "charly-nginx-site", UnitText = "[Unit]\n", UnitPath = "/etc/systemd/system/charly-nginx-site.service", Enable = true,
    };

    private static readonly InstallPlan Plan = new()
    {
        Name = "vm:web", Target = "vm:web", Host = "charly-web", DeployId = "0f3c9a1be27d4455", Tags = ["debian:13", "debian", "deb"],
        Steps = [Packages, Service],
        Skips =
        [
            new PlanSkip("nginx", 1, SkipReason.GateClosed, "--with-services"),
            new PlanSkip("nginx", null, SkipReason.NotSupportedOnTarget, "volume www"),
        ],
        Warnings = ["the candy has no version"],
    };

    [Fact]
    public void Machines_are_a_table_with_dashes_for_what_is_unknown()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("vm", "list");
        Assert.Equal(
            """
            NAME      BACKEND  STATE     VCPUS  MEM  NETWORK   PID  SSH
            web       qemu     running       2  768  user     4242  ada@127.0.0.1:2222
            database  noop     prepared      -    -  user        -  -

            """,
            invocation.Table(VmText.ListColumns, new[] { Web, Database }.Select(VmText.ListRow)));
    }

    [Fact]
    public void A_machine_in_full_is_a_line_a_fact_without_empty_ones() =>
        Assert.Equal(
            """
            Name:    web
            ID:      charly-web
            Backend: qemu
            State:   running
            vCPUs:   2
            Memory:  768 MB
            Disk:    /p/output/web/disk.qcow2
            Network: user
            SSH:     ssh charly-web  (ada@127.0.0.1:2222)
            PID:     4242
            WorkDir: /data/vm/charly-web
            Candies: nginx
            Built:   2026-06-10 16:49Z

            """,
            VmText.Details(Web));

    [Fact]
    public void A_machine_as_json_has_snake_case_keys_and_omits_what_is_absent()
    {
        using var json = JsonDocument.Parse(JsonText.Array([Web, Database], VmJson.Write));
        Assert.Equal(
            ["name", "id", "backend", "status", "pid", "cpus", "memory_mb", "network", "ssh", "work_dir", "disk", "vm_state"],
            json.RootElement[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal("prepared", json.RootElement[1].GetProperty("status").GetString());
        Assert.False(json.RootElement[1].TryGetProperty("pid", out _));
        Assert.True(json.RootElement[0].GetProperty("vm_state").GetProperty("key_injection_resolved").GetProperty("smbios").GetBoolean());
    }

    [Fact]
    public void A_plan_is_a_header_a_row_a_step_then_what_is_left_out()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("plan", "show", "x");
        Assert.Equal(
            """
            vm:web -> vm:web (charly-web)  debian:13 > debian > deb  id 0f3c9a1be27d4455

            #  CANDY  KIND                    SCOPE   GATE                   SUMMARY
            1  nginx  SystemPackages install  system  -                      deb: nginx
            2  nginx  ServiceCustom           system  with-services: closed  charly-nginx-site.service, enabled

            [skip] ServiceCustom scope=system requires --with-services (nginx, step 2)
            [skip] nginx: volume www (not-supported-on-target)

            warning: the candy has no version

            """,
            PlanOutput.Text(invocation, Plan));
    }

    [Fact]
    public void Long_summaries_wrap_within_120_columns()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("plan", "show", "x");
        var text = PlanOutput.Text(invocation, Plan with { Skips = [], Steps = [Packages with { Packages = [new string('p', 90), new string('q', 90)] }] });
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 120));
        Assert.Equal(90, text.Count(c => c == 'q'));
    }

    [Fact]
    public void The_result_of_an_add_names_closed_gates_and_counts_steps()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("bundle", "add", "vm:web");
        var result = new DeployResult
        {
            Name = "vm:web", Verb = "add", Plan = Plan, Changed = true, Duration = TimeSpan.FromSeconds(12.3),
            Steps =
            [
                new StepResult { Step = Packages, Status = StepStatus.Done, Duration = TimeSpan.FromSeconds(3.21), ExitCode = 0 },
                new StepResult { Step = Service, Status = StepStatus.Skipped, Reason = "gate-closed" },
            ],
        };
        Assert.Equal(
            """
            [skip] ServiceCustom scope=system requires --with-services
            vm:web applied: 1 done, 1 skipped in 12s

            """,
            DeployOutput.Text(invocation, result));
    }

    [Fact]
    public void A_preview_of_an_application_shows_the_plan()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("plan", "apply", "p.json", "--dry-run");
        var text = DeployOutput.Text(invocation, new DeployResult { Name = "vm:web", Verb = "add", DryRun = true, Plan = Plan });
        Assert.Equal(PlanOutput.Text(invocation, Plan) + "\nvm:web would be applied in 0.0s\n", text);
    }

    [Fact]
    public void A_second_add_says_that_nothing_changed() =>
        Assert.Equal(
            "vm:web applied: 1 unchanged, nothing changed in 1.3s",
            DeployOutput.Summary(new DeployResult
            {
                Name = "vm:web", Verb = "add", Duration = TimeSpan.FromSeconds(1.3),
                Steps = [new StepResult { Step = Packages, Status = StepStatus.Unchanged }],
            }));

    [Fact]
    public void A_preview_of_a_removal_lists_every_operation_and_what_cant_be_undone()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("bundle", "del", "vm:web", "--dry-run");
        var operation = new ReverseOp { Kind = ReverseKinds.PackageRemove, Format = "deb", Targets = ["nginx"], Scope = StepScope.System };
        var result = new DeployResult
        {
            Name = "vm:web", Verb = "del", DryRun = true, NotUndoable = ["nginx: cmd: nginx -t"],
            Undone = [new UndoResult("nginx", operation, "planned", "apt-get purge -y nginx")],
        };
        Assert.Equal(
            """
            CANDY  OPERATION       STATUS   DETAIL
            nginx  package-remove  planned  apt-get purge -y nginx
            can't be undone: nginx: cmd: nginx -t
            vm:web would be removed: 1 planned in 0.0s

            """,
            DeployOutput.Text(invocation, result));
    }

    [Fact]
    public void A_failed_add_prints_its_result_and_throws_its_failure()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("bundle", "add", "vm:web", "--json");
        var failure = new CharlyException(Errors.RunStep, "nginx: exit code 100", "Look at the output.");
        var result = new DeployResult { Name = "vm:web", Verb = "add", Failure = failure };
        Assert.Same(failure, Assert.Throws<CharlyException>(() => DeployOutput.Print(invocation, result)));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("RUN002", json.RootElement.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public void Deployments_are_a_table()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("bundle", "status");
        var bundle = new BundleStatus
        {
            Name = "vm:web", Target = "vm", Host = "charly-web", Status = "applied", DeployId = "0f3c9a1be27d4455",
            Candies = ["base", "nginx"], Steps = 14, DeployedAt = Time,
        };
        var idle = new BundleStatus { Name = "laptop", Target = "local", Host = "local", Status = "configured", Note = "never applied" };
        Assert.Equal(
            """
            NAME    TARGET  HOST        STATUS      STEPS  DEPLOYED           CANDIES     NOTE
            vm:web  vm      charly-web  applied        14  2026-06-10 16:49Z  base nginx
            laptop  local   local       configured      -  -                  -           never applied

            """,
            invocation.Table(BundleText.StatusColumns, new[] { bundle, idle }.Select(BundleText.StatusRow)));
        using var json = JsonDocument.Parse(JsonText.Array([bundle], BundleJson.Write));
        Assert.Equal("2026-06-10T16:49:30Z", json.RootElement[0].GetProperty("deployed_at").GetString());
    }

    [Fact]
    public void A_ledger_shows_deployments_candies_and_a_cut_run()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("ledger", "show", "vm:web");
        var ledger = new LedgerRecord(
            "vm:web",
            [new DeployRecord { SchemaVersion = "2026.161.1649", DeployId = "0f3c", Name = "vm:web", Target = "vm:web", Candy = ["nginx"], DeployedAt = Time }],
            [new CandyRecord { SchemaVersion = "2026.161.1649", Candy = "nginx", Version = "1.2", DeployedBy = ["0f3c"], DeployedAt = Time }],
            new UnfinishedRun("r1", "vm:web", "add", Time, 3, ["deb: nginx"]));
        Assert.Equal(
            """
            DEPLOY  ID    TARGET  APPLIED            CANDIES
            vm:web  0f3c  vm:web  2026-06-10 16:49Z  nginx

            CANDY  VERSION  STEPS  UNDO  APPLIED            HELD BY
            nginx  1.2          0     0  2026-06-10 16:49Z  vm:web

            cut short: add of vm:web, begun 2026-06-10 16:49Z, 3 steps finished
              may be half done: deb: nginx

            """,
            LedgerText.Of(invocation, ledger));
        using var json = JsonDocument.Parse(JsonText.Document(writer => LedgerRecordJson.Write(writer, ledger)));
        Assert.Equal("r1", json.RootElement.GetProperty("unfinished_run").GetProperty("run_id").GetString());
    }

    [Theory]
    [InlineData(0.44, "0.4s")]
    [InlineData(9.96, "10s")]
    [InlineData(59.6, "1m00s")]
    [InlineData(127, "2m07s")]
    [InlineData(3725, "1h02m")]
    public void A_duration_is_short(double seconds, string text) => Assert.Equal(text, Times.Duration(TimeSpan.FromSeconds(seconds)));
}
