using OpenCharly.Building;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>What makes one Linux target different from another: names, and what has to happen before it can be used.</summary>
public sealed record LinuxTargetOptions
{
    /// <summary>Ledger target: <c>host</c>, <c>vm:&lt;entity&gt;</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is, for people.</summary>
    public required string Host { get; init; }

    /// <summary>Name that ledgers are shown under, such as <c>vm:web</c>; the ledger target if null.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Whether reboot steps run here.</summary>
    public bool CanReboot { get; init; }

    /// <summary>Waits until the machine answers; throws if it does not. Runs before the first connection.</summary>
    public Func<CancellationToken, Task>? WaitUntilReachable { get; init; }

    /// <summary>Whether cloud-init sets the machine up on its first boot, so that it must be waited for.</summary>
    public bool WaitForCloudInit { get; init; }

    /// <summary>How long cloud-init may take before work goes on with a warning.</summary>
    public TimeSpan CloudInitTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a reboot may take.</summary>
    public TimeSpan RebootTimeout { get; init; } = TimeSpan.FromMinutes(7);

    /// <summary>How often the machine is asked while it boots.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Builds on the operator's machine what language builders and packages from sources bring; disposed with the target.
    /// Steps that need it are refused with <see cref="Errors.PlanBuilder"/> where there is none.
    /// </summary>
    public IStepBuilder? Builder { get; init; }

    /// <summary>Makes the way to the operator's machine, for checks that run from there; they are skipped where there is none.</summary>
    public Func<IExecutor>? OperatorMachine { get; init; }

    /// <summary>The ways to the peers of the deployment, for checks that run there.</summary>
    public IReadOnlyDictionary<string, Func<IExecutor>> Peers { get; init; } = new Dictionary<string, Func<IExecutor>>();

    /// <summary>Whether its ports have the same numbers from outside, as everywhere but in containers.</summary>
    public bool HasOwnPorts { get; init; } = true;

    /// <summary>Who runs this, for those who wait for the ledger's lock: <c>user@machine</c>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>How long another run's lock on the ledger is waited for.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
