using System.Diagnostics;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;
using OpenCharly.UndoMeasure;
using OpenCharly.Vms;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>
/// The guest's power goes in the middle of an add, at a seeded step: what its kernel had not written is lost. The next
/// add ends where an uncut one ends; a rollback ends in the state before.
/// </summary>
/// <remarks>Each point costs a boot, so it is asked for by <c>CHARLY_TEST_BOOT=1</c>. CHARLY_TEST_SEED repeats a run.</remarks>
[Collection("guest")]
public sealed class PowerCutTests(GuestFixture guest, ITestOutputHelper output)
{
    private const string Name = "vm:" + GuestFixture.Vm;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [PowerFact]
    public async Task A_guest_that_loses_its_power_in_the_middle_is_repaired_or_taken_back()
    {
        output.WriteLine($"CHARLY_TEST_SEED={Seed}");
        var points = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_POINTS"), out var given) ? given : 4;
        WriteCandies();
        await guest.InGuestAsync("printf 'mine\\n' >~/lab-mine; sync");
        var before = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);
        var plan = (await AddAsync(null))!.Plan!;
        var after = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);
        Assert.NotEmpty(before.DifferenceTo(after));
        Assert.Null((await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name })).Failure);
        Assert.Empty(await DifferenceToAsync(before));

        var random = new Random(Seed);
        for (var point = 0; point < points; point++)
        {
            var step = random.Next(1, plan.Steps.Count - 1);
            var rollback = point % 2 == 1;
            var where = $"step {step + 1} of {plan.Steps.Count} ({plan.Steps[step].Kind}: {plan.Steps[step].Summary}), then {(rollback ? "rollback" : "add")}; CHARLY_TEST_SEED={Seed}";
            output.WriteLine(where);
            try
            {
                Assert.Null(await AddAsync(step));
                await new StartVm(guest.Context).RunAsync(GuestFixture.Vm);
                await new WaitVm(guest.Context).RunAsync(new WaitVmRequest { Name = GuestFixture.Vm, For = VmWaitCondition.Ssh, Timeout = TimeSpan.FromMinutes(5) });
                Assert.NotNull((await new GetLedger(guest.Context).RunAsync(Name)).UnfinishedRun);
                if (rollback)
                {
                    Assert.Null((await new RepairBundle(guest.Context).RunAsync(new RepairBundleRequest { Name = Name, Rollback = true })).Failure);
                }
                else
                {
                    Assert.Null((await AddAsync(null))!.Failure);
                    Assert.Empty(await DifferenceToAsync(after));
                    Assert.Null((await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name })).Failure);
                }

                Assert.Empty(await DifferenceToAsync(before));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(where, e);
            }
        }

        await guest.InGuestAsync("rm ~/lab-mine");
    }

    /// <summary>What differs now, but for the working file that dpkg may leave when power goes, and takes itself the next time.</summary>
    private async Task<string[]> DifferenceToAsync(Photograph earlier) =>
        [.. earlier.DifferenceTo(await Photograph.TakeAsync(guest.Context, GuestFixture.Vm)).Where(d => !d.Contains(" /var/lib/dpkg/updates/tmp.i ", StringComparison.Ordinal))];

    /// <summary>Adds the bundle; with a step, pulls the plug as soon as it begins, and gives null.</summary>
    private async Task<DeployResult?> AddAsync(int? cutAt)
    {
        var request = new BundleRequest { Name = Name, Ref = "lab-power", Options = new InstallOptions { Yes = true } };
        if (cutAt is not { } step)
        {
            var result = await new AddBundle(guest.Context).RunAsync(request);
            Assert.Null(result.Failure);
            return result;
        }

        var vm = Assert.Single(await new GetVms(guest.Context).RunAsync(new VmQuery { Names = [GuestFixture.Vm] }));
        var context = new CharlyContext(guest.Environment, new Plug(step, vm.Pid!.Value));
        try
        {
            var result = await new AddBundle(context).RunAsync(request);
            Assert.NotNull(result.Failure);
        }
        catch (CharlyException e) when (e.Code.Kind == ErrorKind.Unreachable)
        {
            // As wanted.
        }

        return null;
    }

    private void WriteCandies() => guest.WriteCandy("lab-power",
        """
          env: {LAB_POWER: "on"}
          distro:
            debian:
              package: [tree]
          task:
            - write: /etc/lab-power/deep/one
              content: one
              user: root
            - write: ${HOME}/lab-mine
              content: ours
            - cmd: sleep 1; sync; sleep 1
            - mkdir: /srv/lab-power
              mode: "0750"
              user: root
            - link: /srv/lab-power/link
              target: /etc/lab-power
              user: root
          service:
            - name: keeper
              exec: /bin/sleep infinity
              restart: always
              enable: true
              scope: system
          shell:
            bash:
              init: echo power
        """);

    private sealed class PowerFactAttribute : FactAttribute
    {
        public PowerFactAttribute() =>
            Skip = GuestFixture.Missing() ?? (Environment.GetEnvironmentVariable("CHARLY_TEST_BOOT") == "1" ? null : "boots a guest several times; set CHARLY_TEST_BOOT=1");
    }

    /// <summary>Kills the machine's process when a step begins.</summary>
    private sealed class Plug(int step, int process) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is not StepStartedEvent started || started.Index != step) return;
            using var machine = Process.GetProcessById(process);
            machine.Kill();
            machine.WaitForExit();
        }
    }
}
