using System.Management.Automation;
using System.Security;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists the names of secrets; emits a value only where it is asked for.</summary>
[Cmdlet(VerbsCommon.Get, "CharlySecret", DefaultParameterSetName = "Name")]
[OutputType(typeof(CredentialName), typeof(SecretVariable), typeof(SecureString), typeof(string))]
public sealed class GetCharlySecretCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names such as charly/secret/DB_PASSWORD, with wildcards; all if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SecretCompleter))]
    public string[] Name { get; set; } = ["*"];

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "A file of variables that GnuPG encrypts, such as .secrets; names are then those of its variables.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Secure", HelpMessage = "Emits the values as secure strings.")]
    public SwitchParameter AsSecureString { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Plain", HelpMessage = "Emits the values as they are.")]
    public SwitchParameter AsPlainText { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = this.FileAtOrNull(Path);
        RunEach(Name, 1, (work, name) => file is null ? ReadAsync(work, name) : ReadFileAsync(work, file, name));
    }

    private async Task ReadAsync(Work work, string name)
    {
        var secrets = new GetSecrets(work.Context);
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        IEnumerable<CredentialName> found = WildcardPattern.ContainsWildcardCharacters(name)
            ? secrets.List().Where(n => pattern.IsMatch(n.Name))
            : [await secrets.FindAsync(name, work.Cancel).ConfigureAwait(false)];
        foreach (var one in found)
        {
            if (!AsSecureString && !AsPlainText) work.Write(one);
            else if ((await secrets.ReadAsync(one.Name, work.Cancel).ConfigureAwait(false)).Value is var value) work.Write(AsPlainText ? value : SecretText.Secure(value));
        }
    }

    private async Task ReadFileAsync(Work work, string path, string name)
    {
        var file = new SecretFile(work.Context, path);
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        if (!WildcardPattern.ContainsWildcardCharacters(name)) await file.ValueAsync(name, work.Cancel).ConfigureAwait(false);
        foreach (var (variable, value) in (await file.ReadAsync(work.Cancel).ConfigureAwait(false)).Where(v => pattern.IsMatch(v.Key)))
        {
            work.Write(AsPlainText ? value : AsSecureString ? SecretText.Secure(value) : new SecretVariable(variable, file.Path));
        }
    }
}
