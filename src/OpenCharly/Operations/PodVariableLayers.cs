using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Lays the variables of a pod over each other (pod.md §7).</summary>
/// <param name="context">What it works with.</param>
/// <param name="found">The pod.</param>
/// <param name="labels">What its image says.</param>
internal sealed class PodVariableLayers(CharlyContext context, FoundPod found, BoxLabels labels)
{
    private const string SshVariable = "SSH_AUTHORIZED_KEYS";

    /// <summary>All layers, and the one file that the unit names.</summary>
    public (PodVariables Variables, (string Path, VariableOrigin Origin)? File) Lay(
        PodEntry entry, PodSettings settings, IReadOnlyList<KeyValuePair<string, string>> given, Provides provides, DetectedDevices? devices, ConfigurePodRequest request)
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

    /// <summary>Adds the user's public key as the uppermost layer.</summary>
    public async Task AddSshKeyAsync(PodVariables variables, PodKey key, ConfigurePodRequest request, CancellationToken cancellationToken)
    {
        if (await SshKeyAsync(key, request, cancellationToken).ConfigureAwait(false) is { } ssh) variables.Add(VariableOrigin.Given, [KeyValuePair.Create(SshVariable, ssh)]);
    }

    // Unless the user said something, a key is put in only where the image takes one and the user has one.
    private async Task<string?> SshKeyAsync(PodKey key, ConfigurePodRequest request, CancellationToken cancellationToken)
    {
        if (request.SshKey is null && labels.EnvAccept.Concat(labels.EnvRequire).All(r => r.Name != SshVariable)) return null;
        if (request is { SshKey: "generate", DryRun: true }) return null;
        try
        {
            return (await new Vms.Keys.SshKeys(context.Environment, context.Processes).ResolveAsync(request.SshKey ?? "auto", new PodPaths(context.Environment, context.Paths).SshKeys(key), cancellationToken).ConfigureAwait(false))?.PublicKey;
        }
        catch (CharlyException e) when (request.SshKey is null && e.Code == Errors.SshNoKey)
        {
            return null;
        }
    }
}
