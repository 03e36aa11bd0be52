using OpenCharly.Execution;
using OpenCharly.Plans;

namespace OpenCharly.Checks;

/// <summary>What checks need to know of the place where they run, besides the way to it.</summary>
public sealed record CheckPlace
{
    /// <summary>Distribution, package format, user and home of the place.</summary>
    public required TargetFacts Facts { get; init; }

    /// <summary>Where it is, for messages.</summary>
    public required string Host { get; init; }

    /// <summary>
    /// Values of variables, by <c>NAME</c> or <c>NAME:arg</c> (candy-and-plan.md §9.4). <c>USER</c>, <c>HOME</c>,
    /// <c>UID</c> and <c>GID</c> come from the facts where they are not given here.
    /// </summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>The ways to the peers that stand beside it, by name: checks with <c>on: NAME</c> run there.</summary>
    public IReadOnlyDictionary<string, Func<IExecutor>> Peers { get; init; } = new Dictionary<string, Func<IExecutor>>();

    /// <summary>Whether a port of the deployment has the same number from outside, as everywhere but in containers.</summary>
    public bool HasOwnPorts { get; init; } = true;
}
