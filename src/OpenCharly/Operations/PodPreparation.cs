using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Secrets;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Pods.Volumes;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>A pod that is decided in full, with all that has to be written for it. Values of secrets are in memory only.</summary>
internal sealed record PreparedPod
{
    public required FoundPod Found { get; init; }

    public required PodEntry Entry { get; init; }

    public required BoxImage Image { get; init; }

    public required ContainerEngine Engine { get; init; }

    public required PodPlan Plan { get; init; }

    public required RunMode Mode { get; init; }

    public required IReadOnlyList<PortMapping> Ports { get; init; }

    public required Provides Provides { get; init; }

    public IReadOnlyList<PreparedSecret> Secrets { get; init; } = [];

    /// <summary>Credentials that were given or written in plain text, and belong into the store.</summary>
    public IReadOnlyList<(CredentialAddress Address, string Value)> Credentials { get; init; } = [];

    /// <summary>Whether credentials of the file itself have to go to the store, so that the file is copied first.</summary>
    public bool MigratesFile { get; init; }

    public DetectedDevices? Devices { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public PodKey Key => Entry.Key;
}

/// <summary>Decides what a pod shall be: reads entry, image and machine, lays the choices of this run over the entry, and checks everything. Writes nothing.</summary>
internal sealed class PodPreparation(CharlyContext context)
{
    private const string SshVariable = "SSH_AUTHORIZED_KEYS";

    private readonly PodLookup _lookup = new(context);

    public async Task<PreparedPod> RunAsync(ConfigurePodRequest request, bool keepImage, CancellationToken cancellationToken)
    {
        var found = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        if (PodKey.Colliding(found.Key, found.OtherKeys) is { } other)
        {
            throw new CharlyException(Errors.PodCollision, $"\"{found.Key}\" and \"{other}\" would share the container name {found.Key.Container}", "Rename one of them.", found.Deployment?.Position, found.Key.Text);
        }

        var deployment = found.Deployment ?? new Deployment { Key = found.Key.Text, Target = "pod", Box = request.Box ?? found.Key.Base };
        var warnings = new List<string>();
        var settings = _lookup.Settings;
        var entry = Choose(found.Read(deployment), request, found.Project);
        var engine = _lookup.Engine(entry.Engine);
        var image = await ImageAsync(found, entry, engine, request, keepImage, cancellationToken).ConfigureAwait(false);
        var mode = RunModes.Choose(settings, engine, context.Environment, context.Processes);

        // What is a secret, or meant for a sidecar, is no variable of the pod.
        var given = PodVariables.Parse(request.Environment);
        var credentials = new List<(CredentialAddress, string)>();
        (entry, given) = TakeSidecarVariables(entry, given);
        (entry, given, var migrates) = TakeCredentials(entry, image.Labels, given, credentials);
        if (request.Clean) entry = entry with { Environment = [] };
        entry = entry with { Environment = Merge(entry.Environment, given) };

        var devices = request.Autodetect ? await new DeviceProbe(context.Processes).FindAsync(cancellationToken).ConfigureAwait(false) : null;
        if (devices is not null) entry = entry with { Security = WithDevices(entry.Security, image.Labels, devices) };

        var ports = ResolvePorts(found, entry, image.Labels, request, warnings);
        var provides = Provides.Read(new HostFile(context.Paths).Read()?["provides"] as YamlMapping ?? found.Project.Provides).With(entry.Key, image.Labels, ports);
        var (variables, file) = Variables(found, entry, image.Labels, settings, given, provides, devices, request);
        if (await SshKeyAsync(entry.Key, image.Labels, request, cancellationToken).ConfigureAwait(false) is { } ssh) variables.Add(VariableOrigin.Given, [KeyValuePair.Create(SshVariable, ssh)]);
        var password = new PasswordPrompt(context.Processes, request.Ask);
        var store = context.Credentials;
        var secrets = new PodSecrets(engine, store, context.Environment, password);
        var prepared = await PrepareSecretsAsync(secrets, entry, image.Labels, credentials, request, warnings, cancellationToken).ConfigureAwait(false);
        PodRequirements.Check(entry, image.Labels, variables, provides, prepared.Variables, warnings);

        var (sidecars, values) = await SidecarsAsync(secrets, engine, entry, mode, warnings, cancellationToken).ConfigureAwait(false);
        var plan = PodCompiler.Compile(
            new PodInputs
            {
                Entry = entry,
                Image = image.Reference,
                Labels = image.Labels,
                Settings = settings,
                Environment = context.Environment,
                Ports = ports,
                Variables = variables,
                EnvironmentFile = file,
                Secrets = prepared.Lines,
                Sidecars = sidecars,
                HasGpu = devices?.HasGpu ?? false,
                Charly = CharlyProgram(),
                Entrypoints = Entrypoints(found.Project),
                Gateway = sidecars.Any(s => s.Sidecar.IsTailscale) ? await new PodNetwork(engine).GatewayAsync(entry.Network ?? "charly", cancellationToken).ConfigureAwait(false) : null,
            },
            warnings);

        // Rendered here too, so that what no unit can hold is found before anything is written.
        OpenCharly.Pods.Quadlets.Quadlet.Render(plan);
        var taken = await new PortProbe(engine).FindAsync(entry.Key, plan.Ports, cancellationToken).ConfigureAwait(false);
        if (mode == RunMode.Direct && taken.Count > 0 && !request.DryRun) throw new CharlyException(Errors.PodPortTaken, $"port {taken[0].Mapping.HostPort} is in use by {taken[0].Owner}", taken[0].Help, target: entry.Key.Text);
        warnings.AddRange(taken.Select(t => t.ToString()));
        return new PreparedPod
        {
            Found = found, Entry = entry, Image = image, Engine = engine, Plan = plan, Mode = mode, Ports = ports, Provides = provides, Secrets = [.. prepared.Values, .. values],
            Credentials = credentials, MigratesFile = migrates, Devices = devices, Warnings = warnings,
        };
    }

    /// <summary>Host ports on record of all other entries.</summary>
    internal static IReadOnlyDictionary<int, string> Occupied(FoundPod found)
    {
        var occupied = new Dictionary<int, string>();
        foreach (var other in FoundPod.Pods(found.Project).Where(d => d.Key != found.Key.Text))
        {
            foreach (var text in Texts(other, "resolved_port") is { Count: > 0 } resolved ? resolved : Texts(other, "port"))
            {
                if (PortMapping.TryParse(text, out var mapping)) occupied.TryAdd(mapping.HostPort, other.Key);
            }
        }

        return occupied;

        static IReadOnlyList<string> Texts(Deployment deployment, string key) => deployment.Body?[key] is YamlSequence list ? [.. list.Items.OfType<YamlScalar>().Select(s => s.Text)] : [];
    }

    private PodEntry Choose(PodEntry entry, ConfigurePodRequest request, Project project)
    {
        var volumes = entry.Volumes;
        if (context.Environment.Variable(entry.Key.VolumesVariable) is { } words) volumes = VolumeChoices.Merge(volumes, words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(w => VolumeChoices.Parse(w)));
        volumes = VolumeChoices.Merge(volumes, [.. request.Volumes.Select(v => VolumeChoices.Parse(v)), .. request.Binds.Select(VolumeChoices.ParseBind), .. request.Encrypts.Select(VolumeChoices.ParseEncrypted)]);
        var tunnel = entry.Tunnel;
        if (tunnel is null && project.Defaults is { } defaults && defaults["tunnel"] is not null)
        {
            var problems = new List<Problem>();
            tunnel = TunnelReader.Read(new YamlBinder(defaults, "defaults", problems));
            CharlyValidationException.ThrowIfAny(problems);
        }

        return entry with
        {
            Volumes = volumes,
            Tunnel = tunnel,
            Ports = Repin(entry.Ports, request.Ports),
            EnvironmentFile = request.EnvironmentFile is { } file ? context.Environment.Resolve(file) : entry.EnvironmentFile,
            Security = entry.Security with
            {
                MemoryMax = Limit("--memory-max", request.MemoryMax) ?? entry.Security.MemoryMax, MemoryHigh = Limit("--memory-high", request.MemoryHigh) ?? entry.Security.MemoryHigh,
                MemorySwapMax = Limit("--memory-swap-max", request.MemorySwapMax) ?? entry.Security.MemorySwapMax, Cpus = Limit("--cpus", request.Cpus) ?? entry.Security.Cpus,
            },
            Sidecars = [.. entry.Sidecars, .. request.Sidecars.Where(s => entry.Sidecars.All(e => e.Name != s)).Distinct().Select(s => new SidecarEntry { Name = s })],
        };

        static string? Limit(string option, string? value) => value is null || (value.Length > 0 && !value.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            ? value
            : throw new CharlyException(Errors.Usage, $"{option} is \"{value.ReplaceLineEndings("⏎")}\"", "Write a size such as 2g, or a number of processors.");
    }

    // A pin given now replaces those of its container port, and keeps their protocol.
    private static IReadOnlyList<SourcedText> Repin(IReadOnlyList<SourcedText> pins, IReadOnlyList<string> given)
    {
        var position = new SourcePosition("-p", 1, 1);
        var all = pins.ToList();
        foreach (var text in given)
        {
            if (!PortMapping.TryParse(text, out var pin)) throw new CharlyException(Errors.PodPort, $"invalid deploy port pin \"{text}\"", PortMapping.Forms);
            var at = all.FindIndex(p => PortMapping.TryParse(p.Text, out var old) && old.ContainerPort == pin.ContainerPort && (pin.Protocol is null || pin.Protocol == old.EffectiveProtocol));
            if (at < 0)
            {
                all.Add(new SourcedText(pin.ToString(), position));
                continue;
            }

            if (PortMapping.TryParse(all[at].Text, out var replaced)) pin = pin with { Protocol = pin.Protocol ?? replaced.Protocol, Address = pin.Address ?? replaced.Address };
            all[at] = new SourcedText(pin.ToString(), position);
        }

        return all;
    }

    private async Task<BoxImage> ImageAsync(FoundPod found, PodEntry entry, ContainerEngine engine, ConfigurePodRequest request, bool keepImage, CancellationToken cancellationToken)
    {
        if (request.Image is { } known) return known;
        var images = new LocalImages(engine);
        var quadlet = _lookup.Paths.Quadlet(entry.Key);
        if (keepImage && File.Exists(quadlet) && (await File.ReadAllLinesAsync(quadlet, cancellationToken).ConfigureAwait(false)).FirstOrDefault(l => l.StartsWith("Image=", StringComparison.Ordinal)) is { } line)
        {
            return await images.ResolveAsync(line["Image=".Length..], null, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var image = await images.ResolveAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken).ConfigureAwait(false);
            return await OverlayOfAsync(found, images, image, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.ImageNotLocal)
        {
            var handover = new ImageHandover(context, engine);
            var handed = request is { DryRun: true, IsRehearsal: false }
                ? handover.PreviewAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken)
                : handover.RunAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken);
            if (await handed.ConfigureAwait(false) is { } there) return there;
            throw found.Deployment is null
                ? new CharlyException(
                    Errors.PodNotConfigured, $"there is no deployment \"{entry.Key}\", and no local image of a box \"{entry.Box}\"",
                    Nearest.Suggest(entry.Key.Text, FoundPod.Pods(found.Project).Select(d => d.Key), $"Run: charly box build {entry.Box}, or charly box pull REF"), target: entry.Key.Text, inner: e)
                : e.At(found.Deployment.At("box"));
        }
    }

    // The image with the entry's own candies, if bundle add has built it for this base and these candies (pod.md §13).
    private async Task<BoxImage> OverlayOfAsync(FoundPod found, LocalImages images, BoxImage image, CancellationToken cancellationToken)
    {
        if (found.Deployment is not { AddCandies.Count: > 0 } deployment) return image;
        var reference = OverlayGenerator.ReferenceOf(found.Key.Text, image.Reference, deployment.AddCandies);
        if (await images.FindAsync(reference, cancellationToken).ConfigureAwait(false) is not null) return await images.ResolveAsync(reference, null, cancellationToken).ConfigureAwait(false);
        _lookup.Tell([$"the candies of {found.Key} are not in its image: build it with charly bundle add {found.Key}"]);
        return image;
    }

    private (PodEntry Entry, IReadOnlyList<KeyValuePair<string, string>> Given) TakeSidecarVariables(PodEntry entry, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        if (entry.Sidecars.Count == 0) return (entry, given);
        var rest = new List<KeyValuePair<string, string>>();
        var sidecars = entry.Sidecars.ToList();
        var merged = sidecars.Select(s => Sidecar.Resolve(entry.Key, s)).ToArray();
        foreach (var (name, value) in given)
        {
            var at = Array.FindIndex(merged, s => s.Takes(name));
            if (at < 0)
            {
                rest.Add(KeyValuePair.Create(name, value));
                continue;
            }

            // A secret of a sidecar is one all the same.
            if (merged[at].Secrets.Any(s => s.Secret.Variable == name)) throw new CharlyException(Errors.PodSecret, $"{name} is a secret of the sidecar {merged[at].Name}", $"Keep it in the store: charly secrets set charly/secret {entry.Key.Sidecar(merged[at].Name)}-{merged[at].Secrets.First(s => s.Secret.Variable == name).Secret.Name}", target: name);
            sidecars[at] = sidecars[at] with { Environment = new Dictionary<string, string>(sidecars[at].Environment, StringComparer.Ordinal) { [name] = value } };
            _lookup.Inform($"{name} goes to the sidecar {merged[at].Name}");
        }

        return (entry with { Sidecars = sidecars }, rest);
    }

    private static (PodEntry Entry, IReadOnlyList<KeyValuePair<string, string>> Given, bool Migrates) TakeCredentials(
        PodEntry entry, BoxLabels labels, IReadOnlyList<KeyValuePair<string, string>> given, List<(CredentialAddress, string)> credentials)
    {
        var known = labels.SecretAccept.Concat(labels.SecretRequire).ToDictionary(r => r.Name, StringComparer.Ordinal);
        if (known.Count == 0) return (entry, given, false);
        var written = entry.Environment.Where(e => known.ContainsKey(e.Key)).ToArray();
        foreach (var (name, value) in written.Concat(given.Where(g => known.ContainsKey(g.Key)))) credentials.Add((PodRequirements.AddressOf(known[name]), value));
        return (entry with { Environment = [.. entry.Environment.Where(e => !known.ContainsKey(e.Key))] }, [.. given.Where(g => !known.ContainsKey(g.Key))], written.Length > 0);
    }

    // Devices that were found before and are gone are dropped; those that the image names stay its own affair.
    private static SecuritySettings WithDevices(SecuritySettings security, BoxLabels labels, DetectedDevices devices)
    {
        if ((security.Privileged ?? labels.Security?.Privileged) == true) return security;
        var kept = security.Devices.Where(d => !DeviceProbe.IsCandidate(d) || devices.Paths.Contains(d));
        return security with
        {
            Devices = [.. kept.Concat(devices.Paths).Distinct(StringComparer.Ordinal)],
            GroupAdd = devices.Groups.Count == 0 ? security.GroupAdd : [.. security.GroupAdd.Concat(devices.Groups).Distinct(StringComparer.Ordinal)],
        };
    }

    private IReadOnlyList<PortMapping> ResolvePorts(FoundPod found, PodEntry entry, BoxLabels labels, ConfigurePodRequest request, List<string> warnings)
    {
        var resolved = PortPlan.Resolve(labels.Ports, PortPlan.Pins(entry.Ports), PortPlan.Readable(entry.ResolvedPorts, warnings), Occupied(found));
        warnings.AddRange(resolved.Warnings);
        if (!request.IsRehearsal && !resolved.Mappings.Select(m => m.ToString()).SequenceEqual(entry.ResolvedPorts) && resolved.Mappings.Count > 0) _lookup.Inform($"{entry.Key} publishes {string.Join(", ", resolved.Mappings)}");
        return resolved.Mappings;
    }

    private (PodVariables Variables, (string Path, VariableOrigin Origin)? File) Variables(
        FoundPod found, PodEntry entry, BoxLabels labels, PodSettings settings, IReadOnlyList<KeyValuePair<string, string>> given, Provides provides, DetectedDevices? devices, ConfigurePodRequest request)
    {
        var variables = new PodVariables().Add(VariableOrigin.Provided, provides.VariablesFor(entry.Key, labels));
        if (provides.McpJson(entry.Key) is { } servers) variables.Set("CHARLY_MCP_SERVERS", servers);
        variables.Add(VariableOrigin.Image, labels.Environment).Add(VariableOrigin.Entry, entry.Environment);
        (string Path, VariableOrigin Origin)? file = null;
        var workspace = PodCompiler.Volumes(entry, labels, settings, context.Environment).Binds.FirstOrDefault(m => m.Name == "workspace");
        if (entry.EnvironmentFile is { } own)
        {
            file = (VolumePlan.Expand(own, context.Environment), request.EnvironmentFile is null ? VariableOrigin.EntryFile : VariableOrigin.GivenFile);
            if (request.EnvironmentFile is null) variables.Add(VariableOrigin.EntryFile, ReadEntryFile(file.Value.Path));
        }

        if (workspace is not null && Path.Combine(workspace.Source, ".env") is var beside && File.Exists(beside))
        {
            variables.Add(VariableOrigin.WorkspaceFile, PodVariables.ReadFile(beside, context.Environment));
            file ??= (beside, VariableOrigin.WorkspaceFile);
        }

        if (file is { Origin: VariableOrigin.GivenFile }) variables.Add(VariableOrigin.GivenFile, PodVariables.ReadFile(file.Value.Path, context.Environment));
        variables.Add(VariableOrigin.Given, given);
        variables.AddMissing(VariableOrigin.Detected, devices?.Variables ?? []);
        variables.ExemptFromProxy(FoundPod.Pods(found.Project).Select(d => d.Key).Append(entry.Key.Text).Distinct(StringComparer.Ordinal).Select(k => PodKey.Parse(k).Container));
        return (variables, file);

        IReadOnlyList<KeyValuePair<string, string>> ReadEntryFile(string path)
        {
            try
            {
                return PodVariables.ReadFile(path, context.Environment);
            }
            catch (CharlyException e)
            {
                throw e.At(found.Deployment?.At("env_file"));
            }
        }
    }

    private static async Task<PreparedSecrets> PrepareSecretsAsync(
        PodSecrets secrets, PodEntry entry, BoxLabels labels, List<(CredentialAddress Address, string Value)> credentials, ConfigurePodRequest request, List<string> warnings, CancellationToken cancellationToken)
    {
        var prepared = await secrets.PrepareAsync(entry, labels, new SecretChoices { Refresh = request.RefreshSecrets, IsManual = request.ManualPasswords }, warnings, cancellationToken).ConfigureAwait(false);

        // Credentials that were given just now are not in the store yet.
        var lines = prepared.Lines.ToList();
        var values = prepared.Values.ToList();
        var variables = prepared.Variables.ToHashSet(StringComparer.Ordinal);
        foreach (var requirement in labels.SecretRequire.Concat(labels.SecretAccept))
        {
            var at = credentials.FindLastIndex(c => c.Address == PodRequirements.AddressOf(requirement));
            if (at < 0) continue;
            var name = PodSecrets.NameOf(entry.Key, requirement);
            values.RemoveAll(v => v.Name == name);
            values.Add(new PreparedSecret(name, credentials[at].Value));
            if (variables.Add(requirement.Name)) lines.Add(new SecretLine(name, requirement.Name, requirement.Name));
        }

        return new PreparedSecrets(lines, values, variables);
    }

    private static async Task<(IReadOnlyList<PlannedSidecar> Sidecars, IReadOnlyList<PreparedSecret> Values)> SidecarsAsync(
        PodSecrets secrets, ContainerEngine engine, PodEntry entry, RunMode mode, List<string> warnings, CancellationToken cancellationToken)
    {
        var merged = entry.Sidecars.Select(s => Sidecar.Resolve(entry.Key, s)).ToArray();
        if (merged.Length > 0 && mode == RunMode.Direct)
        {
            warnings.Add($"sidecars need the service manager: {string.Join(", ", merged.Select(s => s.Name))} left out");
            return ([], []);
        }

        // Pods as quadlets came with podman 5.
        if (merged.Length > 0 && await engine.VersionAsync(cancellationToken).ConfigureAwait(false) is { Major: < 5 } version)
        {
            throw new CharlyException(Errors.PodSidecar, $"deploy \"{entry.Key}\": sidecars need podman 5, and this is {version}", "Update podman, or remove the sidecars.", entry.Sidecars[0].Position, entry.Key.Text);
        }

        var planned = new List<PlannedSidecar>();
        var values = new List<PreparedSecret>();
        foreach (var sidecar in merged)
        {
            var (one, own) = await secrets.PrepareAsync(entry.Key, sidecar, warnings, cancellationToken).ConfigureAwait(false);
            planned.Add(one);
            values.AddRange(own);
        }

        return (planned, values);
    }

    // Unless the user said something, a key is put in only where the image takes one and the user has one.
    private async Task<string?> SshKeyAsync(PodKey key, BoxLabels labels, ConfigurePodRequest request, CancellationToken cancellationToken)
    {
        if (request.SshKey is null && labels.EnvAccept.Concat(labels.EnvRequire).All(r => r.Name != SshVariable)) return null;
        if (request is { SshKey: "generate", DryRun: true }) return null;
        try
        {
            return (await new Vms.Keys.SshKeys(context.Environment, context.Processes).ResolveAsync(request.SshKey ?? "auto", _lookup.Paths.SshKeys(key), cancellationToken).ConfigureAwait(false))?.PublicKey;
        }
        catch (CharlyException e) when (request.SshKey is null && e.Code == Errors.SshNoKey)
        {
            return null;
        }
    }

    private string CharlyProgram() => context.Processes.Find("charly") ?? Environment.ProcessPath ?? "/usr/bin/charly";

    private static Dictionary<string, string> Entrypoints(Project project)
    {
        var entrypoints = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, body) in project.Entities("init"))
        {
            if (body["entrypoint"] is YamlScalar { IsNull: false } scalar) entrypoints[name] = scalar.Text;
            else if (body["entrypoint"] is YamlSequence list) entrypoints[name] = string.Join(' ', list.Items.OfType<YamlScalar>().Select(s => s.Text));
        }

        return entrypoints;
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Merge(IReadOnlyList<KeyValuePair<string, string>> below, IReadOnlyList<KeyValuePair<string, string>> above)
    {
        var merged = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in below.Concat(above)) merged[name] = value;
        return [.. merged];
    }
}
