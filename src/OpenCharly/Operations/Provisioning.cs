using System.Diagnostics;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Operations;

/// <summary>
/// Runs the provisioners of a VMFile machine in order, over one ssh connection (vm.md §8). What they print is told as it comes, and
/// each ended step is written to the provision log, the failed one too.
/// </summary>
internal sealed class Provisioning(VmServices services, VmDefinition definition, VmFileRequest request)
{
    private readonly VmName _name = VmName.VmFile(definition.Name);

    /// <summary>Makes sure that every file which a step takes from this machine is there, before anything is changed.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ProvisionFailed"/>.</exception>
    public void RequireFiles()
    {
        for (var i = 0; i < definition.Provisions.Count; i++)
        {
            var path = definition.Provisions[i] switch { ScriptStep script => script.Path, FileStep file => file.Source, _ => null };
            if (path is null || File.Exists(path)) continue;
            throw new CharlyException(
                Errors.ProvisionFailed,
                $"machine {_name}, step {i + 1} of {definition.Provisions.Count}: there is no file {path}",
                $"Correct the path, which is relative to the folder of the VMFile, then run charly provision --name {_name}.",
                definition.Provisions[i].Position,
                definition.Name);
        }
    }

    /// <summary>Runs all steps.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ProvisionFailed"/>; the steps after the failed one were not run.</exception>
    public async Task RunAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        var executor = new ExecutorFactory(services.Context.Environment, services.Context.Processes).Ssh(services.SshAccess.DestinationFor(VmName.Of(handle)));
        await using (executor.ConfigureAwait(false))
        {
            await RunAsync(executor, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="RunAsync(VmHandle, CancellationToken)"/>, on a connection that is there.</summary>
    internal async Task RunAsync(IExecutor executor, CancellationToken cancellationToken)
    {
        for (var i = 0; i < definition.Provisions.Count; i++) await RunStepAsync(executor, i, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunStepAsync(IExecutor executor, int index, CancellationToken cancellationToken)
    {
        var step = definition.Provisions[index];
        var start = Stopwatch.GetTimestamp();
        services.Context.Progress.Report(new StepStartedEvent(index, definition.Name, step.Kind, step.Summary) { Total = definition.Provisions.Count });
        CommandResult result;
        CharlyException? cause = null;
        try
        {
            result = await RunAsync(executor, step, index, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            // The connection broke, or a file could not be placed: told and logged like a command that failed.
            cause = e;
            result = new CommandResult("", e.Message + "\n", 255, Stopwatch.GetElapsedTime(start));
        }

        Log(index, step, result);
        request.Provisioned?.Invoke(new ProvisionResult(
            definition.Name, index + 1, step.Kind, step.Summary, result.ExitCode, result.StandardOutput, result.StandardError, result.Duration));
        var why = result.Succeeded ? null : cause?.Message ?? $"exit code {result.ExitCode}";
        services.Context.Progress.Report(new StepFinishedEvent(index, result.Succeeded ? "done" : "failed", result.Duration, why));
        if (result.Succeeded) return;
        var tail = cause is null && result.Tail(3) is { Length: > 0 } text ? ": " + text : "";
        throw new CharlyException(
            Errors.ProvisionFailed,
            $"machine {_name}: step {index + 1} of {definition.Provisions.Count} ({step.Kind}: {step.Summary}) failed with {why}{tail}",
            $"See {services.Files(_name).ProvisionLog}, or charly vm log {_name} --provision. Correct the step, or what it needs in the guest, and run charly provision --name {_name}; the steps after it were not run.",
            step.Position,
            definition.Name,
            cause);
    }

    private async Task<CommandResult> RunAsync(IExecutor executor, ProvisionStep step, int index, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case InlineStep inline:
                return await executor.RunAsync(new ScriptRequest(inline.Command) { Output = Tell(index) }, cancellationToken).ConfigureAwait(false);
            case ScriptStep script:
                var path = $"/tmp/vmctl-provision-{index + 1}.sh";
                await PutAsync(executor, script.Path, path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                    | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute, cancellationToken).ConfigureAwait(false);
                return await executor.RunAsync(new ScriptRequest(path) { Output = Tell(index) }, cancellationToken).ConfigureAwait(false);
            case FileStep file:
                var start = Stopwatch.GetTimestamp();
                await PutAsync(executor, file.Source, file.Destination, File.GetUnixFileMode(file.Source), cancellationToken).ConfigureAwait(false);
                return new CommandResult("", "", 0, Stopwatch.GetElapsedTime(start));
            default:
                throw new ArgumentException($"unknown step {step.GetType().Name}", nameof(step));
        }
    }

    private static async Task PutAsync(IExecutor executor, string source, string destination, UnixFileMode mode, CancellationToken cancellationToken)
    {
        var content = File.OpenRead(source);
        await using (content.ConfigureAwait(false))
        {
            await executor.PutAsync(content, destination, new PlacementOptions(mode), cancellationToken).ConfigureAwait(false);
        }
    }

    private Action<OutputLine> Tell(int index) =>
        request.Output ?? (line => services.Context.Progress.Report(new StepOutputEvent(index, line.IsError, line.Text)));

    private void Log(int index, ProvisionStep step, CommandResult result)
    {
        var text = new StringBuilder($"=== Step {index + 1}: {step.Kind} ===\n");
        Append("stdout", result.StandardOutput);
        Append("stderr", result.StandardError);
        text.Append('\n');
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private };
        using var log = new StreamWriter(services.Files(_name).ProvisionLog, new UTF8Encoding(false), options);
        log.Write(text);

        void Append(string stream, string output)
        {
            if (output.Length > 0) text.Append("--- ").Append(stream).Append(" ---\n").Append(output).Append(output.EndsWith('\n') ? "" : "\n");
        }
    }
}
