using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Building;

/// <summary>
/// Builds on the operator's machine what a step brings to its target: language builders in a container, packages from
/// their sources. One object serves one operation; what it built lasts until it is disposed.
/// </summary>
public interface IStepBuilder : IAsyncDisposable
{
    /// <summary>Makes sure, before anything on the target changes, that these steps can be built here.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanBuilder"/> naming the first step that can't.</exception>
    Task CheckAsync(IReadOnlyList<InstallStep> steps, CancellationToken cancellationToken = default);

    /// <summary>Builds one step.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanBuilder"/> if it can't be built here or would not run there,
    /// <see cref="Errors.RunStep"/> if the build fails. Nothing on the target has changed.</exception>
    Task<BuiltStep> BuildAsync(BuildRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A step to build.</summary>
/// <param name="Step">A <see cref="BuilderStep"/> or <see cref="LocalPkgInstallStep"/>.</param>
/// <param name="Script">The step's script as it was rendered without knowing what will be built.</param>
/// <param name="Facts">What is known of the target.</param>
public sealed record BuildRequest(InstallStep Step, StepScript Script, TargetFacts Facts)
{
    /// <summary>Folders on the target that earlier runs of the step's candy made.</summary>
    public IReadOnlySet<string> Owned { get; init; } = new HashSet<string>();

    /// <summary>Runs a script on the target as the deploy user.</summary>
    public required Func<string, CancellationToken, Task<CommandResult>> Ask { get; init; }

    /// <summary>Takes each line that the build prints.</summary>
    public Action<OutputLine>? Output { get; init; }
}

/// <summary>A step that was built.</summary>
/// <param name="Script">What takes it in on the target, with the files that have to travel.</param>
/// <param name="Reverse">How exactly it is undone.</param>
public sealed record BuiltStep(StepScript Script, IReadOnlyList<ReverseOp> Reverse);
