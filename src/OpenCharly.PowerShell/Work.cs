using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell;

/// <summary>One item of a cmdlet's work, as its background task sees it: context in, objects and errors out.</summary>
/// <param name="cmdlet">The cmdlet that writes.</param>
/// <param name="queue">The way to its thread.</param>
/// <param name="context">What operations work with; events carry the target's name.</param>
/// <param name="target">Name of the target.</param>
/// <param name="cancel">Cancelled when the pipeline stops.</param>
internal sealed class Work(CharlyCmdlet cmdlet, PipelineQueue queue, CharlyContext context, string target, CancellationToken cancel)
{
    /// <summary>What operations work with.</summary>
    public CharlyContext Context => context;

    /// <summary>Name of the target.</summary>
    public string Target => target;

    /// <summary>Cancelled when the pipeline stops.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Writes an object to the pipeline.</summary>
    public void Write(object value) => queue.Post(() => cmdlet.WriteObject(value));

    /// <summary>Writes an object that does not say whose it is, with the target as its <c>Name</c>.</summary>
    public void WriteAttributed(object value)
    {
        var attributed = new PSObject(value);
        attributed.Properties.Add(new PSNoteProperty("Name", target));
        Write(attributed);
    }

    /// <summary>Writes the result of a deployment, then the failure that ended it, if one did.</summary>
    public void WriteResult(DeployResult result)
    {
        // What ended before it began has nothing to show but its error.
        if (result.Failure is null || result.Steps.Count > 0 || result.Undone.Count > 0 || result.Members.Count > 0) Write(result);
        if (result.Failure is not null) WriteError(result.Failure);
    }

    /// <summary>Writes the machine that the target names.</summary>
    public async Task WriteVmAsync()
    {
        foreach (var vm in await new GetVms(context).RunAsync(new VmQuery { Names = [target] }, cancel).ConfigureAwait(false)) Write(vm);
    }

    /// <summary>Writes a verbose line.</summary>
    public void WriteVerbose(string text) => queue.Post(() => cmdlet.WriteVerbose($"{target}: {text}"));

    /// <summary>Writes an error that ends only this item.</summary>
    public void WriteError(Exception error) => queue.Post(() => cmdlet.WriteError(ErrorRecords.From(error, target.Length > 0 ? target : null)));
}
