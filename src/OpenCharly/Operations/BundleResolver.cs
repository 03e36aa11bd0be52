using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Finds the deploy entry of a name and everything that is to be applied to it (deploy.md §3.1, §4).</summary>
internal sealed class BundleResolver(CharlyContext context)
{
    private Project? _project;

    /// <summary>The project of the context, with the per-host file laid over it.</summary>
    public Task<Project> LoadAsync(CancellationToken cancellationToken) => LoadAsync(pull: false, cancellationToken);

    private async Task<Project> LoadAsync(bool pull, CancellationToken cancellationToken) => _project is not null && !pull
        ? _project
        : _project = await new ProjectLoader(context.Environment, context.Paths, context.Processes).LoadAsync(context.ProjectFolder, pull, cancellationToken).ConfigureAwait(false);

    /// <summary>The project and the entry of a name.</summary>
    /// <param name="name">Deploy key.</param>
    /// <param name="host">Host instead of the entry's; null to leave it.</param>
    /// <param name="needsEntry">Whether a name without an entry is an error, as it is where nothing could be made of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(Project Project, Deployment Entry)> FindAsync(string name, string? host, bool needsEntry, CancellationToken cancellationToken)
    {
        var project = await LoadAsync(cancellationToken).ConfigureAwait(false);
        return (project, EntryFor(project, name, host, needsEntry));
    }

    /// <summary>The entry of a name: the one that is written, or what the name itself says.</summary>
    public static Deployment EntryFor(Project project, string name, string? host, bool needsEntry)
    {
        var isVm = name.StartsWith("vm:", StringComparison.Ordinal);
        var entry = project.FindDeployment(name)
            ?? (isVm ? VmEntry(name)
                : name is "host" or "local" || !needsEntry || host is not null ? new Deployment { Key = CheckKey(name), Target = "local" }
                : throw Missing(project, name));
        if (entry.Target is not ("local" or "vm"))
        {
            throw new CharlyException(
                Errors.DeployTarget,
                $"\"{name}\" is a {entry.Target} deployment, and this works on machines and hosts only",
                "Name a deployment with target local or vm; docs/command.md tells the commands for pods, clusters and devices.",
                entry.Position,
                name);
        }

        if (host is null || host == entry.Host || host == TargetOpener.HostOf(entry)) return entry;
        return entry.Target == "local"
            ? entry with { Host = host }
            : throw new CharlyException(Errors.CfgHost, $"\"{name}\" goes to its machine, not to the host {host}", "Leave out the host.", entry.Position, name);
    }

    /// <summary>Resolves all references of a request and sorts the candies.</summary>
    public async Task<Bundle> ResolveAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var hasRef = request.Ref is not null || request.AddCandies.Count > 0;
        var project = await LoadAsync(request.Pull, cancellationToken).ConfigureAwait(false);
        var entry = EntryFor(project, request.Name, request.Host, needsEntry: !hasRef);
        entry = entry with { Disposable = entry.Disposable || request.Disposable, Lifecycle = request.Lifecycle ?? entry.Lifecycle };
        var (home, template) = TemplateOf(project, entry);
        var resolver = new ReferenceResolver(context.Environment, new ProjectLoader(context.Environment, context.Paths, context.Processes));

        var reference = request.Ref ?? entry.Box ?? (template is null && entry.AddCandies.Count == 0 && request.AddCandies.Count == 0 && !HasMembers(entry, request) ? DefaultRef(entry) : "");
        Box? box = null;
        var roots = new List<Candy>();
        if (reference.Length > 0 || request.Ref is not null)
        {
            var primary = await resolver.ResolveAsync(
                project, reference, RefPrefer.Box, request.Pull, baseFolder: request.Ref is null ? project.Folder : null, cancellationToken: cancellationToken).ConfigureAwait(false);
            box = (primary as ResolvedBox)?.Box;
            if (primary is ResolvedCandy { Candy: var candy }) roots.Add(candy);
            foreach (var member in box?.Candies ?? []) roots.Add(await CandyAsync(resolver, primary.Project, member.Text, primary.Project.Folder, request.Pull, cancellationToken).ConfigureAwait(false));
        }

        // What stands in a file is relative to the project, what the user typed to where the user is.
        string[] ofTemplate = [.. (template?.Candies ?? []).Distinct(StringComparer.Ordinal)];
        string[] written = [.. ofTemplate.Concat(entry.AddCandies).Distinct(StringComparer.Ordinal)];
        string[] typed = [.. request.AddCandies.Distinct(StringComparer.Ordinal).Except(written, StringComparer.Ordinal)];
        foreach (var overlay in written)
        {
            // What the template of a namespace names is its own.
            var place = ofTemplate.Contains(overlay) ? home : project;
            roots.Add(await CandyAsync(resolver, place, overlay, place.Folder, request.Pull, cancellationToken).ConfigureAwait(false));
        }

        foreach (var overlay in typed) roots.Add(await CandyAsync(resolver, project, overlay, null, request.Pull, cancellationToken).ConfigureAwait(false));
        string[] overlays = [.. written, .. typed];

        var warnings = new List<Problem>();
        var candies = await CandyGraph.OrderAsync(
            roots,
            (member, from, token) => resolver.ResolveMemberAsync(project, from, member, request.Pull, token),
            new CandyGraphOptions { IsSystemd = true, ListName = box?.Name },
            warnings,
            cancellationToken).ConfigureAwait(false);
        context.Warn(warnings.Concat(project.Warnings));
        return new Bundle
        {
            Project = project,
            Entry = entry,
            Options = (template?.Options ?? new InstallOptions()).Merge(entry.Options).Merge(request.Options),
            Ref = reference,
            Overlays = overlays,
            Box = box,
            Candies = candies,
            Template = template,
            Environment = EnvironmentOf(template, entry),
        };
    }

    private static Deployment VmEntry(string key)
    {
        var name = Vms.VmName.Parse(key[3..]);
        return new Deployment { Key = key, Target = "vm", Vm = name.Entity, VmInstance = name.Instance };
    }

    // A plain key names what it deploys; a machine's key, or this machine's, does not.
    private static string DefaultRef(Deployment entry) => entry.Key is "host" or "local" || entry.Key.StartsWith("vm:", StringComparison.Ordinal)
        ? throw new CharlyException(
            Errors.RefEmpty,
            $"nothing says what to apply to {entry.Key}",
            $"Name a candy or box: charly bundle add {entry.Key} REF",
            entry.Position,
            entry.Key)
        : entry.Key;

    // A machine may be there for what is nested in it alone.
    private static bool HasMembers(Deployment entry, BundleRequest request) => entry.Target == "vm" && !request.NodeOnly && BundleFamily.Has(entry);

    private static (Project Home, LocalTemplate? Template) TemplateOf(Project project, Deployment entry)
    {
        if (entry.Local is not { } text) return (project, null);
        var (home, name) = project.LocalTemplates.Contains(text) ? (project, text) : project.Qualify(text, entry.At("local"));
        if (home.LocalTemplates.TryFind(name, out var template)) return (home, template);
        throw new CharlyException(
            Errors.CfgReference,
            $"deployment \"{entry.Key}\": there is no local template \"{text}\"",
            Nearest.Suggest(name, home.LocalTemplates.Names, home.LocalTemplates.Count == 0 ? "Declare it under local:." : "Known: " + string.Join(", ", home.LocalTemplates.Names) + "."),
            entry.Position,
            entry.Key);
    }

    private static string CheckKey(string name) => name.Length > 0 && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '\'' or '"' or '\\') && !name.Contains("..", StringComparison.Ordinal) && name[0] != '-'
        ? name
        : throw new CharlyException(Errors.BadName, $"\"{name}\" can't name a deployment", "Use letters, digits, dots, dashes, underscores, colons and slashes.");

    private static CharlyException Missing(Project project, string name) => new(
        Errors.CfgEntry,
        $"there is no deployment \"{name}\"",
        Nearest.Suggest(name, project.Deployments.Keys, $"Known: {string.Join(", ", project.Deployments.Keys.Append("host").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}. A machine is named vm:NAME."),
        target: name);

    private static Dictionary<string, string> EnvironmentOf(LocalTemplate? template, Deployment entry)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (template?.Environment ?? new Dictionary<string, string>()).Concat(entry.Environment)) variables[name] = value;
        return variables;
    }

    private static async Task<Candy> CandyAsync(ReferenceResolver resolver, Project project, string reference, string? baseFolder, bool pull, CancellationToken cancellationToken) =>
        ((ResolvedCandy)await resolver.ResolveAsync(project, reference, RefPrefer.Candy, pull, baseFolder: baseFolder, cancellationToken: cancellationToken).ConfigureAwait(false)).Candy;
}
