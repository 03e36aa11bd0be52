using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Secrets;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Decides what a pod shall be: reads entry, image and machine, lays the choices of this run over the entry, and checks everything. Writes nothing.</summary>
internal sealed class PodPreparation(CharlyContext context)
{
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
        found.RequireTemplate(deployment);
        var entry = new PodEntryChoices(context.Environment).Lay(found.Read(deployment), request, found.Project);
        var engine = _lookup.Engine(entry.Engine);
        var image = await new PodImageChoice(context).FindAsync(found, entry, engine, request, keepImage, cancellationToken).ConfigureAwait(false);
        var mode = RunModes.Choose(settings, engine, context.Environment, context.Processes);

        // What is a secret, or meant for a sidecar, is no variable of the pod.
        var given = PodVariables.Parse(request.Environment);
        var credentials = new List<(CredentialAddress, string)>();
        (entry, given) = GivenVariables.TakeForSidecars(entry, given, _lookup.Inform);
        (entry, given, var migrates) = GivenVariables.TakeCredentials(entry, image.Labels, given, credentials);
        if (request.Clean) entry = entry with { Environment = [] };
        entry = entry with { Environment = GivenVariables.Merge(entry.Environment, given) };

        var devices = request.Autodetect ? await new DeviceProbe(context.Processes).FindAsync(cancellationToken).ConfigureAwait(false) : null;
        if (devices is not null) entry = entry with { Security = WithDevices(entry.Security, image.Labels, devices) };

        var ports = ResolvePorts(found, entry, image.Labels, request, warnings);
        var provides = Provides.Read(new HostFile(context.Paths).Read()?["provides"] as YamlMapping ?? found.Project.Provides).With(entry.Key, image.Labels, ports);
        var layers = new PodVariableLayers(context, found, image.Labels);
        var (variables, file) = layers.Lay(entry, settings, given, provides, devices, request);
        await layers.AddSshKeyAsync(variables, entry.Key, request, cancellationToken).ConfigureAwait(false);
        var password = new PasswordPrompt(context.Processes, request.Ask);
        var store = context.Credentials;
        var secrets = new PodSecrets(engine, store, context.Environment, password);
        var prepared = await PodSecretChoices.PrepareAsync(secrets, entry, image.Labels, credentials, request, warnings, cancellationToken).ConfigureAwait(false);
        PodRequirements.Check(entry, image.Labels, variables, provides, prepared.Variables, warnings);

        var (sidecars, values) = await PodSecretChoices.SidecarsAsync(secrets, engine, entry, mode, warnings, cancellationToken).ConfigureAwait(false);
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
        var pins = PortPlan.Pins(entry.Ports);
        var resolved = PodCompiler.NetworkOf(entry, labels) == "host"
            ? PortPlan.OnHost(labels.Ports, pins)
            : PortPlan.Resolve(labels.Ports, pins, PortPlan.Readable(entry.ResolvedPorts, warnings), Occupied(found));
        warnings.AddRange(resolved.Warnings);
        if (!request.IsRehearsal && !resolved.Mappings.Select(m => m.ToString()).SequenceEqual(entry.ResolvedPorts) && resolved.Mappings.Count > 0) _lookup.Inform($"{entry.Key} publishes {string.Join(", ", resolved.Mappings)}");
        return resolved.Mappings;
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
}
