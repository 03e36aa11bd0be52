using System.Diagnostics;
using OpenCharly.Android;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>A deployment to an Android device: the <c>apk:</c> lists of its candies (deploy.md §7.7).</summary>
internal sealed class AndroidDeployment(CharlyContext context, Project project, Deployment entry, AndroidPatience? patience = null) : IPlanlessTarget
{
    private const string Service = "charly/secret";

    /// <inheritdoc/>
    public async Task<InstallPlan> PreviewAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var device = Device();
        var candies = await CandiesAsync(request, cancellationToken).ConfigureAwait(false);
        var steps = candies.Where(c => c.Apks.Count > 0).Select((c, index) => new ApkInstallStep
        {
            Candy = c.Name, Index = index, Scope = StepScope.User, Venue = StepVenue.HostNative, Packages = c.Apks, CandyFolder = c.SourceFolder,
        }).ToArray();
        return new InstallPlan
        {
            Name = entry.Key,
            Target = "android:" + device.Name,
            Host = device.AdbHost ?? "its pod",
            DeployId = PlanCompiler.DeployId(entry.Key, candies.Select(c => c.Name), request.AddCandies),
            Candies = [.. candies.Select(c => new PlannedCandy(c.Name, c.Version))],
            AddCandies = request.AddCandies,
            Steps = [.. steps.Select(s => s with { Digest = PlanDigest.Of(s) })],
            Warnings = steps.Length == 0 ? ["no candy has an apk: list, so there is nothing for the device"] : [],
        };
    }

    /// <inheritdoc/>
    public async Task<DeployResult> AddAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var plan = await PreviewAsync(request, cancellationToken).ConfigureAwait(false);
        var device = Device();
        var work = plan.Steps.Cast<ApkInstallStep>().SelectMany(s => s.Packages.Select(p => (Step: s, Package: p, File: FileOf(s, p)))).ToArray();
        var account = work.Any(w => w.Package.Source == "google-play") ? await AccountAsync(device, cancellationToken).ConfigureAwait(false) : null;
        var record = AndroidRecord.Read(context.Paths, entry.Key) ?? new AndroidRecord { Name = entry.Key, Device = device.Name };
        var adb = await OpenAsync(device, cancellationToken).ConfigureAwait(false);
        foreach (var warning in plan.Warnings) Tell(NoticeLevel.Warning, warning);
        await adb.WaitUntilBootedAsync(cancellationToken).ConfigureAwait(false);
        var run = new AndroidRun(context, adb, new ApkFiles(context.Processes, account), record);
        var results = new List<StepResult>();
        CharlyException? failure = null;
        foreach (var step in plan.Steps.Cast<ApkInstallStep>())
        {
            if (failure is not null)
            {
                results.Add(new StepResult { Step = step, Status = StepStatus.NotRun, Reason = "an earlier step failed" });
                continue;
            }

            var at = Stopwatch.GetTimestamp();
            context.Progress.Report(new StepStartedEvent(step.Index, step.Candy, step.Kind.ToString(), step.Summary) { Total = plan.Steps.Count });
            var (status, reason) = (StepStatus.Unchanged, (string?)"installed already");
            try
            {
                foreach (var item in work.Where(w => w.Step == step))
                {
                    if (await run.InstallAsync(step.Candy, item.Package, item.File, request.Force, cancellationToken).ConfigureAwait(false)) (status, reason) = (StepStatus.Done, null);
                }
            }
            catch (CharlyException e)
            {
                failure = e;
                (status, reason) = (StepStatus.Failed, e.Message);
            }

            results.Add(new StepResult { Step = step, Status = status, Reason = reason, Duration = Stopwatch.GetElapsedTime(at) });
            context.Progress.Report(new StepFinishedEvent(step.Index, status.ToString().ToLowerInvariant(), Stopwatch.GetElapsedTime(at), reason) { Total = plan.Steps.Count });
        }

        var gone = failure is null ? await run.RemoveAsync(i => work.All(w => (w.Step.Candy, ApkFiles.Name(w.Package)) != (i.Candy, i.Item)), cancellationToken).ConfigureAwait(false) : [];
        var changed = run.Changed || gone.Count > 0;
        if (changed || entry.Position is null) await new HostFile(context.Paths).RecordAsync(entry with { Disposable = request.Disposable, Lifecycle = request.Lifecycle }, null, cancellationToken).ConfigureAwait(false);
        return new DeployResult
        {
            Name = entry.Key, Verb = "add", Plan = plan, Steps = results, Changed = changed, Items = run.Installed, Duration = Stopwatch.GetElapsedTime(begin), Failure = failure,
        };
    }

    /// <inheritdoc/>
    public async Task<DeployResult> RemoveAsync(RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var record = AndroidRecord.Read(context.Paths, entry.Key);
        var packages = record?.Installed.SelectMany(i => i.Packages).ToArray() ?? [];
        if (record is null) Tell(NoticeLevel.Info, $"{entry.Key} is not applied: there is nothing to undo");
        IReadOnlyList<string> gone = packages;
        if (record is not null && !request.DryRun)
        {
            if (request.ForceLocal)
            {
                Tell(NoticeLevel.Warning, $"{entry.Key}: only the record is forgotten; the device keeps {string.Join(", ", packages)}");
                (record with { Installed = [] }).Write(context.Paths);
                gone = [];
            }
            else
            {
                var adb = await OpenAsync(Device(), cancellationToken).ConfigureAwait(false);
                await adb.WaitUntilBootedAsync(cancellationToken).ConfigureAwait(false);
                gone = await new AndroidRun(context, adb, new ApkFiles(context.Processes, null), record).RemoveAsync(_ => true, cancellationToken).ConfigureAwait(false);
            }
        }

        if (request is { Purge: true, DryRun: false }) await new HostFile(context.Paths).EditAsync((editor, root) => editor.Remove([root, entry.Key]), cancellationToken).ConfigureAwait(false);
        return new DeployResult { Name = entry.Key, Verb = "del", DryRun = request.DryRun, Changed = record is not null && !request.DryRun, Items = gone, Duration = Stopwatch.GetElapsedTime(begin) };
    }

    /// <inheritdoc/>
    public BundleStatus Status()
    {
        var record = AndroidRecord.Read(context.Paths, entry.Key);
        return new BundleStatus
        {
            Name = entry.Key,
            Target = "android",
            Host = entry.Android ?? "-",
            Status = record is null ? "configured" : "applied",
            Candies = [.. (record?.Installed ?? []).Select(i => i.Candy).Distinct(StringComparer.Ordinal)],
            Steps = record?.Installed.Count ?? 0,
            DeployedAt = record?.DeployedAt,
        };
    }

    /// <summary>Whether its device answers; nothing is asked of one that nothing was put on.</summary>
    public async Task<DeploymentState> StateAsync(CancellationToken cancellationToken)
    {
        var device = Device();
        var row = new DeploymentState { Kind = "android", Name = entry.Key, Status = "not configured", Container = device.Serial, RunMode = "device", Source = "entry" };
        if (AndroidRecord.Read(context.Paths, entry.Key) is not { } record) return row;
        row = row with { Status = "stopped", Source = "record", Volumes = [.. record.Installed.SelectMany(i => i.Packages).Distinct(StringComparer.Ordinal).Select(p => "package: " + p)] };
        try
        {
            return context.Processes.Find("adb") is not null && await (await OpenAsync(device, cancellationToken).ConfigureAwait(false)).IsOnlineAsync(cancellationToken).ConfigureAwait(false) ? row with { Status = "running", Source = "device" } : row;
        }
        catch (CharlyException e) when (e.Code == Errors.AndroidParent)
        {
            // The pod that its emulator is in does not run, and so neither does the device.
            return row;
        }
    }

    private async Task<Adb> OpenAsync(AndroidDevice device, CancellationToken cancellationToken) => new(
        context.Processes, await new AndroidEndpoint(context, project, entry).ResolveAsync(device, cancellationToken).ConfigureAwait(false), context.Environment.Clock, context.Progress, patience ?? AndroidPatience.Usual);

    private AndroidDevice Device()
    {
        var name = entry.Android ?? throw new CharlyException(Errors.CfgReference, $"deploy \"{entry.Key}\" names no device", "Name it in android:.", entry.Position, entry.Key);
        var body = project.FindEntity("android", name) ?? throw new CharlyException(
            Errors.AndroidDeviceMissing, $"deploy \"{entry.Key}\": there is no android device \"{name}\"", Nearest.Suggest(name, project.Entities("android").Keys, "Declare it below android:."), entry.At("android"), entry.Key);
        var problems = new List<Problem>();
        var device = AndroidDeviceReader.Read(body, name, problems);
        CharlyValidationException.ThrowIfAny(problems);
        return device;
    }

    // A committed file that is nowhere is an error before anything is installed.
    private string? FileOf(ApkInstallStep step, ApkPackage package) => package.Apk is null ? null : ApkFiles.Find(package.Apk, step.CandyFolder, project.Folder);

    private async Task<IReadOnlyList<Candy>> CandiesAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var resolver = new ReferenceResolver(context.Environment, new ProjectLoader(context.Environment, context.Paths, context.Processes));
        var roots = new List<Candy>();
        foreach (var (reference, folder) in entry.AddCandies.Select(c => (c, (string?)project.Folder)).Concat(request.AddCandies.Concat(request.Ref is null ? [] : [request.Ref]).Select(c => (c, (string?)null))))
        {
            var found = await resolver.ResolveAsync(project, reference, RefPrefer.Candy, request.Pull, baseFolder: folder, cancellationToken: cancellationToken).ConfigureAwait(false);
            roots.Add(found is ResolvedCandy candy ? candy.Candy : throw new CharlyException(
                Errors.RefKind, $"\"{reference}\" is a box, and a device takes candies only", "Name a candy with an apk: list.", entry.At("add_candy"), entry.Key));
        }

        var warnings = new List<Problem>();
        var ordered = await CandyGraph.OrderAsync(
            roots, (member, from, token) => resolver.ResolveMemberAsync(project, from, member, request.Pull, token), new CandyGraphOptions { IsSystemd = true }, warnings, cancellationToken).ConfigureAwait(false);
        foreach (var warning in warnings) Tell(NoticeLevel.Warning, warning.ToString());
        return ordered;
    }

    private async Task<GoogleAccount?> AccountAsync(AndroidDevice device, CancellationToken cancellationToken)
    {
        if (device is not { EmailSecret: { } email, TokenSecret: { } token }) return null;
        var store = context.Credentials;
        return new GoogleAccount(await ValueAsync(email).ConfigureAwait(false), await ValueAsync(token).ConfigureAwait(false));

        async Task<string> ValueAsync(string name) =>
            (await store.FindAsync(name.Contains('/') ? CredentialAddress.Parse(name) : new CredentialAddress(Service, name), name.Contains('/') ? null : name, cancellationToken).ConfigureAwait(false))?.Value
            ?? throw new CharlyException(Errors.SecretStore, $"android \"{device.Name}\": the secret \"{name}\" has no value", $"Set it: charly secrets set {Service} {name}. Nothing was changed.", device.Position, device.Name);
    }

    private void Tell(NoticeLevel level, string text) => context.Progress.Report(new NoticeEvent(level, text));
}
