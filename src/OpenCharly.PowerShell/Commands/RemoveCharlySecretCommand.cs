using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes secrets for good.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlySecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlySecretCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names such as charly/secret/DB_PASSWORD; wildcards are allowed.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SecretCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "A file of variables that GnuPG encrypts, such as .secrets; names are then those of its variables.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = this.FileAtOrNull(Path);
        var names = Name.SelectMany(name => Expand(name, file)).Where(name => ShouldProcess(file is null ? $"secret {name}" : $"variable {name} of {Path}", "Remove")).ToArray();
        RunEach(names, 1, (work, name) => file is null ? new SetSecret(work.Context).RemoveAsync(name, work.Cancel) : new SecretFile(work.Context, file).RemoveAsync([name], work.Cancel));
    }

    private IEnumerable<string> Expand(string name, string? file)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name)) return [name];
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        return TryAsk(name, work => NamesAsync(work, file), out var names) ? names.Where(pattern.IsMatch) : [];
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(Work work, string? file) => file is null
        ? [.. new GetSecrets(work.Context).List().Select(secret => secret.Name)]
        : [.. (await new SecretFile(work.Context, file).ListAsync(work.Cancel).ConfigureAwait(false)).Select(variable => variable.Name)];
}
