using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Ledger;

/// <summary>From what the journal says of packages, units and accounts before a step to the operations that bring it back.</summary>
public sealed class PriorStateTests
{
    [Fact]
    public void Packages_know_which_left_configuration_and_which_had_another_version()
    {
        var step = Step(
            Intent(StepKind.SystemPackages) with { PackageFormat = "deb", Packages = ["tool", "helper"] },
            "P\t0\ttool lib", "R\t0\ttool", "O\t0\tlibc=1:2.0-1=1:2.0-2");
        var op = Assert.Single(ReverseOps.Of(step));
        Assert.Equal(["tool"], op.Targets);
        Assert.Equal("lib", op.Extra[LedgerExtra.Dependencies]);
        Assert.Equal("tool", op.Extra[LedgerExtra.Residual]);
        Assert.Equal("libc=1:2.0-1=1:2.0-2", op.Extra[LedgerExtra.Upgraded]);
        var undo = UndoOf(op);
        Assert.Contains("charly_r=(tool)", undo, StringComparison.Ordinal);
        Assert.Contains("charly_downgrade deb libc=1:2.0-1=1:2.0-2", undo, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_wrote_into_a_packages_leavings_is_found_out_before_its_own_scripts_write_there()
    {
        var op = new ReverseOp
        {
            Kind = ReverseKinds.PackageRemove,
            Targets = ["tool"],
            Format = "deb",
            Scope = StepScope.System,
            Extra = new Dictionary<string, string>
            {
                [LedgerExtra.Strays] = LedgerExtra.Join(["/etc/toolconfig"]),
                [LedgerExtra.StraysAt] = "5",
            },
        };
        Assert.Matches(@"charly_written 5 /etc/toolconfig; .*charly_uninstall deb; charly_strays deb /etc/toolconfig", UndoOf(op));
    }

    [Fact]
    public void Packages_know_what_made_room_for_them_and_which_keys_came_to_be_trusted()
    {
        var step = Step(Intent(StepKind.SystemPackages) with { PackageFormat = "rpm", Packages = ["tool"] }, "P\t0\ttool", "g\t0\told=1.0-1", "k\t0\t0123abcd-4567cdef");
        var undo = UndoOf(Assert.Single(ReverseOps.Of(step)));
        Assert.Contains("charly_bring_back rpm old=1.0-1; charly_distrust 0123abcd-4567cdef", undo, StringComparison.Ordinal);

        // A step that brought nothing new may have taken something away.
        step = Step(Intent(StepKind.Builder) with { PackageFormat = "pac", Packages = ["tool"] }, "P\t0\t", "g\t0\told=1.0-1");
        Assert.Contains("charly_bring_back pac old=1.0-1", UndoOf(Assert.Single(ReverseOps.Of(step))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/rc2.d/S01web /etc/rc3.d/S01web", "charly_run_levels web.service /etc/rc2.d/S01web /etc/rc3.d/S01web")]
    [InlineData("", "charly_run_levels web.service ;")]
    public void Run_level_links_of_a_unit_come_back_and_where_there_were_none_none_stay(string links, string command)
    {
        var disable = new ReverseOp { Kind = ReverseKinds.ServiceDisable, Targets = ["web.service"], Scope = StepScope.System };
        var op = Assert.Single(ReverseOps.Of(Step(Intent(StepKind.ServicePackaged, disable), "V\t0\ts web.service\tdisabled\tinactive", "L\t0\ts web.service\t" + links)));
        Assert.Contains(command, UndoOf(op), StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_without_an_init_script_has_no_links_to_look_after()
    {
        var disable = new ReverseOp { Kind = ReverseKinds.ServiceDisable, Targets = ["web.service"], Scope = StepScope.System };
        var op = Assert.Single(ReverseOps.Of(Step(Intent(StepKind.ServicePackaged, disable), "V\t0\ts web.service\tdisabled\tinactive")));
        Assert.DoesNotContain("charly_run_levels web", UndoOf(op), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no", "loginctl disable-linger ada")]
    [InlineData("yes", "leave ada lingering")]
    public void An_account_lingers_afterwards_if_it_did_before(string before, string command)
    {
        var op = Assert.Single(ReverseOps.Of(Step(Intent(StepKind.ServiceCustom, Linger()), $"N\t0\tada\t{before}")));
        Assert.Equal(command, UndoScript.Describe(op));
    }

    [Fact]
    public void A_step_that_did_not_ask_for_lingering_undoes_none() =>
        Assert.Empty(ReverseOps.Of(Step(Intent(StepKind.ServiceCustom, Linger()))));

    [Fact]
    public void The_last_candy_that_needs_a_lingering_account_inherits_its_first_state()
    {
        var state = new LedgerState().With(Deploy("one")).With(Deploy("two"))
            .With(Candy("one", "no", "1")).With(Candy("two", "yes", "2"));
        var plan = UndoPlan.Of(state, ["one"]);
        Assert.Contains("two", Assert.Single(plan.Items).Kept, StringComparison.Ordinal);
        var after = plan.After(new HashSet<int>(), new Dictionary<int, IReadOnlyList<string>>());
        Assert.Equal("loginctl disable-linger ada", UndoScript.Describe(Assert.Single(UndoPlan.Of(after, ["two"]).Items).Run));

        // The other way round nothing is inherited: the first still knows.
        after = UndoPlan.Of(state, ["two"]).After(new HashSet<int>(), new Dictionary<int, IReadOnlyList<string>>());
        Assert.Equal("loginctl disable-linger ada", UndoScript.Describe(Assert.Single(UndoPlan.Of(after, ["one"]).Items).Run));
    }

    private static ReverseOp Linger() => new() { Kind = ReverseKinds.LingerDisable, Targets = ["ada"], Scope = StepScope.System };

    private static DeployRecord Deploy(string id) => new()
    {
        SchemaVersion = LedgerJson.SchemaVersion, DeployId = id, Name = id, Image = "", Target = "host", Candy = [id], DeployedAt = DateTimeOffset.UnixEpoch,
    };

    private static CandyRecord Candy(string name, string lingered, string at) => new()
    {
        SchemaVersion = LedgerJson.SchemaVersion,
        Candy = name,
        DeployedAt = DateTimeOffset.UnixEpoch,
        DeployedBy = [name],
        ReverseOps = [Linger() with { Extra = new Dictionary<string, string> { [LedgerExtra.PriorLinger] = lingered, [LedgerExtra.At] = at } }],
    };

    private static StepIntent Intent(StepKind kind, params ReverseOp[] reverse) => new()
    {
        Index = 0, Candy = "web", Kind = kind, Scope = StepScope.System, Venue = StepVenue.HostNative, Summary = "x", Digest = "d", AsRoot = true, Reverse = reverse,
    };

    private static JournalStep Step(StepIntent intent, params string[] lines)
    {
        var journal = new RunJournal();
        foreach (var line in lines.Prepend("B\t0\t1790000000.25\t").Prepend("S\t" + intent.ToJson())) Assert.True(journal.Apply(line), line);
        return journal.Steps[0];
    }

    private static string UndoOf(ReverseOp op)
    {
        var run = new RunIntent { Run = "r", Verb = "del", DeployName = "lab", DeployId = "0123456789abcdef", Target = "host", Started = DateTimeOffset.UnixEpoch, BootId = "b" };
        return UndoScript.Render(run, true, false, "", "nonce", [new UndoItem { Index = 0, Candy = "web", Operation = op, Run = op }], new GuestPaths("/home/ada"), 1000);
    }
}
