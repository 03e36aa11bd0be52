using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>Waits until a guest is up again after a reboot (vm.md §7.4): it answers, with another boot id.</summary>
internal sealed class GuestReboot(TargetSession session)
{
    private const string StillBefore = "still the boot from before";

    /// <summary>Waits.</summary>
    /// <param name="before">Boot id before; any answer counts if it was not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmReboot"/> when time is up.</exception>
    public async Task WaitAsync(string before, CancellationToken cancellationToken)
    {
        var options = session.Options;
        var deadline = options.Clock.GetUtcNow() + options.RebootTimeout;
        var seen = "nothing yet";
        while (options.Clock.GetUtcNow() is var now && now < deadline)
        {
            session.Progress.Report(new WaitEvent("the machine is up again", 1, 1, deadline, seen));
            await Task.Delay(options.PollInterval, options.Clock, cancellationToken).ConfigureAwait(false);
            var limit = deadline - now < TimeSpan.FromSeconds(30) ? deadline - now : TimeSpan.FromSeconds(30);
            var id = await session.BootIdAsync(limit, cancellationToken).ConfigureAwait(false);
            if (id is { Length: > 0 } && id != before) return;
            seen = id is null ? Silent(seen) : StillBefore;
        }

        throw new CharlyException(
            Errors.VmReboot,
            $"{options.Host} did not come back within {options.RebootTimeout.TotalSeconds:0} s of its reboot; last seen: {seen}",
            "Look at the machine's console, then run the same command again: it goes on where this one stopped.",
            target: options.Host);
    }

    // The last question may be cut short by the deadline: its silence must not hide what the guest said before.
    private static string Silent(string seen) => seen.StartsWith(StillBefore, StringComparison.Ordinal) ? StillBefore + ", then no answer" : "no answer";
}
