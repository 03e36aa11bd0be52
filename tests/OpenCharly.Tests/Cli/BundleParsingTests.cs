using OpenCharly.Cli.Commands;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Cli;

public sealed class BundleParsingTests
{
    [Theory]
    [InlineData("bundle")]
    [InlineData("deploy")]
    public void Add_takes_a_target_and_a_reference(string group)
    {
        var (command, parsed) = CommandRun.Parse<BundleAddCommand>($"{group} add vm:web nginx");
        var request = command.Request(parsed);
        Assert.Equal(("vm:web", "nginx"), (request.Name, request.Ref));
        Assert.Equal(new InstallOptions(), request.Options);
    }

    [Fact]
    public void Add_takes_overlays_in_their_order_under_both_names()
    {
        var (command, parsed) = CommandRun.Parse<BundleAddCommand>("bundle add vm:web --add-candy a --add-layer b --add-candy c");
        Assert.Equal(["a", "b", "c"], command.Request(parsed).AddCandies);
        Assert.Null(command.Request(parsed).Ref);
    }

    [Fact]
    public void A_reference_may_begin_with_an_at_sign()
    {
        var (command, parsed) = CommandRun.Parse<BundleAddCommand>("bundle add vm:web @example.org/org/repo:v1");
        Assert.Equal("@example.org/org/repo:v1", command.Request(parsed).Ref);
    }

    [Fact]
    public void Add_takes_every_gate_and_option()
    {
        var (command, parsed) = CommandRun.Parse<BundleAddCommand>(
            "bundle add vm:web --with-services --allow-repo-changes --allow-root-tasks --skip-incompatible --builder-image b:1 "
            + "--tag 2026.150.0900 --pull --force --no-start --ssh-timeout 5m --host ada@example.org:2222 --disposable --lifecycle dev");
        var request = command.Request(parsed);
        Assert.Equal(
            new InstallOptions
            {
                WithServices = true,
                AllowRepoChanges = true,
                AllowRootTasks = true,
                SkipIncompatible = true,
                BuilderImage = "b:1",
            },
            request.Options);
        Assert.Equal(
            new BundleRequest
            {
                Name = "vm:web",
                Options = request.Options,
                AddCandies = request.AddCandies,
                Tag = "2026.150.0900",
                Pull = true,
                Force = true,
                NoStart = true,
                SshTimeout = TimeSpan.FromMinutes(5),
                Host = "ada@example.org:2222",
                Disposable = true,
                Lifecycle = "dev",
            },
            request);
    }

    [Theory]
    [InlineData("--yes")]
    [InlineData("-y")]
    [InlineData("--assume-yes")]
    public void Yes_has_three_spellings(string yes)
    {
        var (command, parsed) = CommandRun.Parse<BundleAddCommand>("bundle add vm:web nginx " + yes);
        Assert.True(command.Request(parsed).Options.Yes);
    }

    [Fact]
    public void Del_takes_every_option()
    {
        var (command, parsed) = CommandRun.Parse<BundleDelCommand>(
            "bundle del vm:web -y --dry-run --keep-repo-changes --keep-services --purge --force-local --ssh-timeout 9");
        Assert.Equal(
            new RemoveBundleRequest
            {
                Name = "vm:web",
                DryRun = true,
                KeepRepoChanges = true,
                KeepServices = true,
                Purge = true,
                ForceLocal = true,
                SshTimeout = TimeSpan.FromSeconds(9),
            },
            command.Request(parsed, "vm:web"));
    }

    [Theory]
    [InlineData("bundle show", null)]
    [InlineData("bundle show vm:web", "vm:web")]
    [InlineData("bundle show vm:web -i blue", "vm:web/blue")]
    public void Show_takes_a_key_and_an_instance(string line, string? key)
    {
        var (command, parsed) = CommandRun.Parse<BundleShowCommand>(line);
        Assert.Equal(key, command.Request(parsed));
    }

    [Theory]
    [InlineData("bundle status", true)]
    [InlineData("bundle status vm:* --offline", false)]
    public void Status_asks_the_targets_unless_offline(string line, bool probe)
    {
        var (command, parsed) = CommandRun.Parse<BundleStatusCommand>(line);
        Assert.Equal(probe, command.Request(parsed).Probe);
    }

    [Theory]
    [InlineData("bundle drift")]
    [InlineData("bundle drift vm:* host", "vm:*", "host")]
    public void Drift_takes_names(string line, params string[] names)
    {
        var (command, parsed) = CommandRun.Parse<BundleDriftCommand>(line);
        Assert.Equal(names, command.Request(parsed).Names);
    }

    [Fact]
    public void Plan_apply_takes_every_option()
    {
        var plan = new InstallPlan { Name = "vm:web", Target = "vm:web", Host = "charly-web", DeployId = "0123456789abcdef" };
        var (command, parsed) = CommandRun.Parse<PlanApplyCommand>(
            "plan apply p.json --dry-run --force --no-start --ssh-timeout 7 --with-services --allow-repo-changes --allow-root-tasks -y");
        Assert.Equal(
            new ApplyPlanRequest
            {
                Plan = plan,
                DryRun = true,
                Force = true,
                NoStart = true,
                SshTimeout = TimeSpan.FromSeconds(7),
                Options = new InstallOptions { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true, Yes = true },
            },
            command.Request(parsed, plan));
    }

    [Fact]
    public void Plan_export_takes_what_bundle_add_takes()
    {
        var (command, parsed) = CommandRun.Parse<PlanExportCommand>("plan export vm:web nginx --add-candy x --with-services -o p.json");
        var request = command.Request(parsed);
        Assert.Equal(("vm:web", "nginx", true), (request.Name, request.Ref, request.Options.WithServices));
        Assert.Equal(["x"], request.AddCandies);
    }

    [Theory]
    [InlineData("ledger show", "host")]
    [InlineData("ledger show vm:web", "vm:web")]
    public void Ledger_show_means_this_machine_unless_told_otherwise(string line, string name)
    {
        var (command, parsed) = CommandRun.Parse<LedgerShowCommand>(line);
        Assert.Equal(name, command.Request(parsed));
    }
}
