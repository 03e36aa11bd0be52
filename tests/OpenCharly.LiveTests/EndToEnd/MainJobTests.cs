using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;
using OpenCharly.UndoMeasure;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>The main job on a real guest: plan, apply, prove, apply again, undo.</summary>
[Collection("guest")]
public sealed class MainJobTests(GuestFixture guest) : IAsyncLifetime
{
    private const string Name = "vm:" + GuestFixture.Vm;

    private static readonly InstallOptions AllGates = new() { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true };

    [GuestFact]
    public async Task A_bundle_is_applied_proved_left_alone_and_undone_without_a_trace()
    {
        var before = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);

        var plan = await new CompilePlan(guest.Context).RunAsync(Request("demo"));
        Assert.True(plan.Steps.Select(s => s.Kind).Distinct().Count() >= 5, "at least five kinds of step");

        var added = await new AddBundle(guest.Context).RunAsync(Request("demo"));
        Assert.Null(added.Failure);
        Assert.All(added.Steps, s => Assert.Equal(s.Step.Skip is SkipReason.ShellAbsent ? StepStatus.Skipped : StepStatus.Done, s.Status));
        Assert.Equal(plan.Steps.Select(s => s.Digest), added.Plan!.Steps.Select(s => s.Digest));
        Assert.Contains("Hello from OpenCharly", await guest.InGuestAsync("curl -fsS --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8080/"), StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:8080/", await guest.InGuestAsync("bash -ic 'echo $HELLO_URL'"), StringComparison.Ordinal);

        var again = await new AddBundle(guest.Context).RunAsync(Request("demo"));
        Assert.False(again.Changed);
        Assert.All(again.Steps, s => Assert.Equal(s.Step.Skip is SkipReason.ShellAbsent ? StepStatus.Skipped : StepStatus.Unchanged, s.Status));

        var status = Assert.Single(await new GetBundles(guest.Context).RunAsync(new BundleQuery { Names = [Name] }));
        Assert.Equal("applied", status.Status);
        Assert.Equal(plan.DeployId, status.DeployId);

        var preview = await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name, DryRun = true });
        Assert.NotEmpty(preview.NotUndoable); // the cmd task
        Assert.All(preview.Undone, u => Assert.Equal("planned", u.Status));

        var removed = await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name });
        Assert.Null(removed.Failure);
        var after = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);

        // What a cmd task writes is the one thing that undo can't know; it was announced. Everything else is as before.
        var difference = before.DifferenceTo(after).Where(d => !d.Contains("/srv/hello", StringComparison.Ordinal));
        Assert.Equal([], difference);
        await guest.InGuestAsync("sudo rm -rf /srv/hello");
    }

    [GuestFact(NeedsCatalog = true)]
    public async Task A_candy_without_a_section_for_the_guest_is_refused_before_anything_changes()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(guest.Context).RunAsync(Request("sqlite")));
        Assert.Equal(Errors.PlanIncompatible, error.Code);
        Assert.Contains("sqlite", error.Message, StringComparison.Ordinal);
    }

    [GuestFact]
    public async Task A_closed_gate_skips_its_step_and_the_rest_goes_on()
    {
        guest.WriteCandy("gated",
            """
              task:
                - cmd: touch /root-was-here
                  user: root
                - write: ~/gated.txt
                  content: written
                  user: ${USER}
            """);
        var added = await new AddBundle(guest.Context).RunAsync(Request("gated", new InstallOptions()));
        Assert.Null(added.Failure);
        Assert.Equal([StepStatus.Skipped, StepStatus.Done], added.Steps.Select(s => s.Status));
        Assert.Equal("written", await guest.InGuestAsync("cat ~/gated.txt; test ! -e /root-was-here"));
        await RemoveAsync();
    }

    [GuestFact]
    public async Task A_failing_step_keeps_what_was_done_and_the_next_add_goes_on()
    {
        guest.WriteCandy("fails-once",
            """
              task:
                - write: /etc/first.conf
                  content: one
                  user: root
                - cmd: test -e /tmp/let-it-pass
                  user: root
                - write: /etc/third.conf
                  content: three
                  user: root
            """);
        var failed = await new AddBundle(guest.Context).RunAsync(Request("fails-once"));
        Assert.Equal(Errors.RunStep, failed.Failure?.Code);
        Assert.Equal([StepStatus.Done, StepStatus.Failed, StepStatus.NotRun], failed.Steps.Select(s => s.Status));
        Assert.Equal("one", await guest.InGuestAsync("cat /etc/first.conf; test ! -e /etc/third.conf"));

        await guest.InGuestAsync("touch /tmp/let-it-pass");
        var resumed = await new AddBundle(guest.Context).RunAsync(Request("fails-once"));
        Assert.Null(resumed.Failure);
        Assert.Equal([StepStatus.Unchanged, StepStatus.Done, StepStatus.Done], resumed.Steps.Select(s => s.Status));
        await RemoveAsync();
        await guest.InGuestAsync("test ! -e /etc/first.conf && test ! -e /etc/third.conf && rm /tmp/let-it-pass");
    }

    [GuestFact]
    public async Task A_run_that_is_cut_in_the_middle_is_finished_by_the_next()
    {
        guest.WriteCandy("slow",
            """
              task:
                - write: /etc/slow-one.conf
                  content: one
                  user: root
                - cmd: test -e /tmp/fast || sleep 300
                  user: root
                - write: /etc/slow-two.conf
                  content: two
                  user: root
            """);
        using var cancel = new CancellationTokenSource();
        var context = new CharlyContext(guest.Environment, new CancelAtStep(1, cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new AddBundle(context).RunAsync(Request("slow"), cancel.Token));
        Assert.DoesNotContain("sleep 300", await guest.InGuestAsync("ps -eo args"), StringComparison.Ordinal);

        var cut = Assert.Single(await new GetBundles(guest.Context).RunAsync(new BundleQuery { Names = [Name] }));
        Assert.Equal("partial", cut.Status);

        await guest.InGuestAsync("touch /tmp/fast");
        var resumed = await new AddBundle(guest.Context).RunAsync(Request("slow"));
        Assert.Null(resumed.Failure);
        Assert.Equal(StepStatus.Unchanged, resumed.Steps[0].Status);
        Assert.Equal("two", await guest.InGuestAsync("cat /etc/slow-two.conf"));
        await RemoveAsync();
        await guest.InGuestAsync("test ! -e /etc/slow-one.conf && test ! -e /etc/slow-two.conf && rm /tmp/fast");
    }

    [GuestFact]
    public async Task A_packaged_service_with_a_drop_in_runs_and_is_gone_after_undo()
    {
        var added = await new AddBundle(guest.Context).RunAsync(Request("steady-clock"));
        Assert.Null(added.Failure);
        Assert.Equal("active", (await guest.InGuestAsync("systemctl is-active chrony")).Trim());
        Assert.Contains("TZ=UTC", await guest.InGuestAsync("systemctl show -p Environment chrony"), StringComparison.Ordinal);
        await RemoveAsync();
        await guest.InGuestAsync("test ! -e /etc/systemd/system/chrony.service.d && ! dpkg -s chrony 2>/dev/null");
    }

    [GuestFact]
    public async Task A_reboot_step_waits_for_a_new_boot()
    {
        guest.WriteCandy("rebooting", "  reboot: true\n  task:\n    - write: /etc/rebooting.conf\n      content: x\n      user: root\n");
        var boot = await guest.InGuestAsync("cat /proc/sys/kernel/random/boot_id");
        var added = await new AddBundle(guest.Context).RunAsync(Request("rebooting"));
        Assert.Null(added.Failure);
        Assert.NotEqual(boot, await guest.InGuestAsync("cat /proc/sys/kernel/random/boot_id"));
        await RemoveAsync();
    }

    [GuestFact]
    public async Task Two_bundles_share_what_both_hold()
    {
        guest.WriteCandy("shared-thing", "  task:\n    - write: /etc/shared-thing.conf\n      content: shared\n      user: root\n");
        var first = await new AddBundle(guest.Context).RunAsync(Request("shared-thing"));
        Assert.Null(first.Failure);
        var other = new BundleRequest { Name = GuestFixture.SecondHolder, Ref = "shared-thing", Options = AllGates };
        var second = await new AddBundle(guest.Context).RunAsync(other);
        Assert.Null(second.Failure);

        await RemoveAsync();
        Assert.Equal("shared", await guest.InGuestAsync("cat /etc/shared-thing.conf"));
        var last = await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = GuestFixture.SecondHolder });
        Assert.Null(last.Failure);
        await guest.InGuestAsync("test ! -e /etc/shared-thing.conf");
    }

    [GuestFact]
    public async Task The_first_connection_was_verified_against_a_host_key_of_ours()
    {
        var key = await guest.InGuestAsync("cat /etc/ssh/ssh_host_ed25519_key.pub");
        var vm = Assert.Single(await new GetVms(guest.Context).RunAsync(new VmQuery { Names = [GuestFixture.Vm] }));
        Assert.Equal(VmStatus.Running, vm.Status);
        Assert.Contains(key.Split(' ')[1], await File.ReadAllTextAsync(Path.Combine(vm.WorkDir, "known_hosts")), StringComparison.Ordinal);
        Assert.Contains("StrictHostKeyChecking yes", await File.ReadAllTextAsync(new HostPaths(guest.Environment).SshConfig), StringComparison.Ordinal);
    }

    /// <summary>A test that failed leaves nothing behind for the next one.</summary>
    public async Task InitializeAsync()
    {
        if (GuestFixture.Missing() is null) await RemoveAsync();
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    private static BundleRequest Request(string candy, InstallOptions? options = null) =>
        new() { Name = Name, Ref = candy, Options = options ?? AllGates };

    private async Task RemoveAsync()
    {
        var removed = await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name });
        Assert.Null(removed.Failure);
    }

    private sealed class CancelAtStep(int index, CancellationTokenSource cancel) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is StepStartedEvent started && started.Index == index) cancel.CancelAfter(TimeSpan.FromMilliseconds(300));
        }
    }
}
