using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>
/// The life of a short-lived deployment (deploy.md §9): record, snapshot, timer and machine come before anything is applied, and
/// go in the reverse order. The record comes first and goes last, so that whatever is cut in between is found by it.
/// </summary>
internal sealed class EphemeralLife(CharlyContext context)
{
    /// <summary>Carries the id of the short-lived deployment within whose life something is made.</summary>
    public const string ParentVariable = "CHARLY_EPHEMERAL_PARENT";

    private readonly EphemeralRecords _records = new(context.Paths);

    private DateTimeOffset Now => context.Environment.Clock.GetUtcNow();

    /// <summary>Whether a deployment has an end of its own; what is nested in another one ends with that.</summary>
    public static bool Applies(Deployment? entry) => entry is { Ephemeral: not null, Parent: null };

    /// <summary>Runs an add within a short life. What is up is added to again; if a first add fails, all that it made goes, unless the entry keeps it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="add">Adds, with a context that what is made within this life gets as well.</param>
    /// <param name="cancellationToken">Gives up; what was made then ends when its time is over.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Ephemeral"/>, <see cref="Errors.EphemeralTaken"/>, <see cref="Errors.SnapshotNotFound"/>,
    /// what <see cref="CreateVm"/> throws, and what <paramref name="add"/> does.</exception>
    public async Task<DeployResult> RunAsync(Project project, Deployment entry, Func<CharlyContext, CancellationToken, Task<DeployResult>> add, CancellationToken cancellationToken)
    {
        if (entry.Life is { } old && !old.IsOver(context.Environment.Clock) && old.Status == "ready")
        {
            Tell(NoticeLevel.Info, $"{entry.Key} is up as {old.InstanceName}, until {old.Deadline:yyyy-MM-dd HH:mm:ss} UTC");
            return await add(context.With(ParentVariable, old.Id), cancellationToken).ConfigureAwait(false);
        }

        // Held while it is made: an unfinished one without it was cut.
        using var making = FileLock.TryAcquire(_records.LockOf(entry.Key)) ?? throw EphemeralRecords.Taken(entry.Key);
        if (entry.Life is { } seen && _records.ReadAll().GetValueOrDefault(entry.Key) is { } now && (now.Id, now.Status) != (seen.Id, seen.Status)) throw EphemeralRecords.Taken(entry.Key);
        if (entry.Life is { } stale)
        {
            Tell(NoticeLevel.Info, $"{stale.InstanceName}, the earlier {entry.Key}, is {(stale.IsOver(context.Environment.Clock) ? "over" : "unfinished")} and is removed first");
            var gone = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = entry.Key }, cancellationToken).ConfigureAwait(false);
            if (gone.Failure is not null) return gone with { Verb = "add" };
            entry = entry with { Life = null, VmInstance = null };
        }

        var life = await BeginAsync(project, entry, cancellationToken).ConfigureAwait(false);
        try
        {
            if (entry.Target == "vm") await MakeMachineAsync(entry, life, cancellationToken).ConfigureAwait(false);
            var result = await add(context.With(ParentVariable, life.Id), cancellationToken).ConfigureAwait(false);
            if (result.Failure is not null) await FailAsync(entry, life).ConfigureAwait(false);
            else await _records.UpdateAsync(life.Id, r => r with { Status = "ready" }, CancellationToken.None).ConfigureAwait(false);
            return result;
        }
        catch (CharlyException)
        {
            await FailAsync(entry, life).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends what <see cref="RunAsync"/> began, once what was applied is undone: machine, snapshot, timer, record.</summary>
    public async Task EndAsync(Deployment entry, CancellationToken cancellationToken)
    {
        var life = entry.Life!;
        if (life.ParentVm is { } entity && life.InstanceName.Length > 0)
        {
            var name = VmName.Create(entity, life.InstanceName);
            try
            {
                await new DestroyVm(context).RunAsync(new DestroyVmRequest { Name = name.Key, Disk = true }, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e) when (e.Code == Errors.VmNotFound || e.Code == Errors.VmNotCreated)
            {
                // It was never made, or somebody destroyed it: either way it is gone.
                Tell(NoticeLevel.Debug, e.Message);
            }

            SnapshotRegistry.Release(context.Paths, name.Id);
        }

        if (life.TimerUnit is { } unit) await new DeadlineTimer(context).StopAsync(unit, cancellationToken).ConfigureAwait(false);
        if (life.ParentEphemeral is { } parent) await _records.UpdateAsync(parent, r => r with { ChildRefcount = Math.Max(0, r.ChildRefcount - 1) }, cancellationToken).ConfigureAwait(false);
        await _records.RemoveAsync(entry.Key, life.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What <see cref="EndAsync"/> would remove, a line each.</summary>
    public static IReadOnlyList<string> Describe(EphemeralRuntime life)
    {
        var lines = new List<string>();
        if (life.ParentVm is { } entity) lines.Add($"machine {entity}/{life.InstanceName} and its disk");
        if (life.TimerUnit is { } unit) lines.Add($"timer {unit}");
        return lines;
    }

    private async Task<EphemeralRuntime> BeginAsync(Project project, Deployment entry, CancellationToken cancellationToken)
    {
        var settings = entry.Ephemeral!;
        var id = RandomNumberGenerator.GetHexString(6, lowercase: true);
        var name = settings.NameOf(entry.Key, id);
        if (entry.Target == "vm" && !project.HasVm(entry.Vm!))
        {
            throw new CharlyException(Errors.VmNotFound, $"there is no vm \"{entry.Vm}\" that {entry.Key} could be a clone of", Nearest.Suggest(entry.Vm!, project.Vms.Names, "Declare it under vm:."), entry.At("vm"), entry.Key);
        }

        var (lifetime, parent) = Clip(entry, settings.Lifetime);
        var life = new EphemeralRuntime
        {
            Id = id,
            InstanceName = name,
            Deadline = Now + lifetime,
            ParentVm = entry.Target == "vm" ? entry.Vm : null,
            ParentSnapshot = SnapshotOf(entry),
            ParentEphemeral = parent,
        };
        await _records.BeginAsync(entry, life, cancellationToken).ConfigureAwait(false);
        try
        {
            if (parent is not null) await _records.UpdateAsync(parent, r => r with { ChildRefcount = r.ChildRefcount + 1 }, cancellationToken).ConfigureAwait(false);
            if (await new DeadlineTimer(context).StartAsync(entry.Key, id, lifetime, cancellationToken).ConfigureAwait(false) is { } unit)
            {
                life = life with { TimerUnit = unit };
                await _records.UpdateAsync(id, r => r with { TimerUnit = unit }, CancellationToken.None).ConfigureAwait(false);
            }

            if (life.ParentSnapshot is { } snapshot) await PutOnSnapshotAsync(entry, snapshot, VmName.Create(entry.Vm!, name), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CharlyException or OperationCanceledException)
        {
            await EndAsync(entry with { Life = life }, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return life;
    }

    private (TimeSpan Lifetime, string? Parent) Clip(Deployment entry, TimeSpan lifetime)
    {
        if (context.Environment.Variable(ParentVariable) is not { } parent) return (lifetime, null);
        if (_records.ReadAll().Values.FirstOrDefault(r => r.Id == parent) is not { } outer)
        {
            throw new CharlyException(
                Errors.Ephemeral, $"{ParentVariable} is {parent}, and there is no such short-lived deployment (any more) in whose life {entry.Key} could be made", $"Take {ParentVariable} out of the environment. Nothing was made.", entry.At("ephemeral"), entry.Key);
        }

        var left = outer.Deadline - Now;
        if (left < TimeSpan.FromSeconds(1)) throw new CharlyException(Errors.Ephemeral, $"the time of {outer.InstanceName} is over, so nothing is left of it for {entry.Key}", "Add that one anew first. Nothing was made.", entry.At("ephemeral"), entry.Key);
        return (left < lifetime ? left : lifetime, parent);
    }

    private async Task PutOnSnapshotAsync(Deployment entry, string snapshot, VmName name, CancellationToken cancellationToken)
    {
        var services = new VmServices(context).For(name);
        var spec = await services.RequireSpecAsync(name, cancellationToken).ConfigureAwait(false);
        var path = await SnapshotBase.ClaimAsync(services, name with { Instance = null }, snapshot, name, entry.At("from_snapshot"), cancellationToken).ConfigureAwait(false);
        await new QemuImg(context.Processes).CreateOverlayAsync(VmPlacement.Disk(spec, name), path, "qcow2", null, cancellationToken).ConfigureAwait(false);
    }

    private Task MakeMachineAsync(Deployment entry, EphemeralRuntime life, CancellationToken cancellationToken) => new CreateVm(context).RunAsync(
        new CreateVmRequest
        {
            Name = entry.Vm!, Instance = life.InstanceName, IsEphemeral = true, Start = true, Ram = Text(entry, "ram"), Cpus = int.TryParse(Text(entry, "cpus"), out var cpus) ? cpus : null,
        },
        cancellationToken);

    // The error that led here is the one to tell; what can't be taken down now is found by its record later.
    private async Task FailAsync(Deployment entry, EphemeralRuntime life)
    {
        if (entry.Ephemeral!.KeepOnFailure)
        {
            await _records.UpdateAsync(life.Id, r => r with { Status = "ready" }, CancellationToken.None).ConfigureAwait(false);
            Tell(NoticeLevel.Warning, $"{entry.Key} is kept as {life.InstanceName}, though adding it failed, until {life.Deadline:yyyy-MM-dd HH:mm:ss} UTC; to remove it now: charly bundle del {entry.Key}");
            return;
        }

        try
        {
            Tell(NoticeLevel.Info, $"adding {entry.Key} failed; what was made of it is removed");
            var gone = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = entry.Key }, CancellationToken.None).ConfigureAwait(false);
            if (gone.Failure is not null) throw gone.Failure;
        }
        catch (CharlyException e)
        {
            await _records.UpdateAsync(life.Id, r => r with { Status = "failed" }, CancellationToken.None).ConfigureAwait(false);
            Tell(NoticeLevel.Warning, $"{life.InstanceName} could not be removed: {e.Message}; its timer or charly reap-orphans tries again when its time is over");
        }
    }

    private static string? SnapshotOf(Deployment entry) => entry.Target == "vm" ? Text(entry, "from_snapshot") : null;

    private static string? Text(Deployment entry, string key) => entry.Body?[key] is YamlScalar { IsNull: false, Text.Length: > 0 } scalar ? scalar.Text : null;

    private void Tell(NoticeLevel level, string text) => context.Progress.Report(new NoticeEvent(level, text));
}
