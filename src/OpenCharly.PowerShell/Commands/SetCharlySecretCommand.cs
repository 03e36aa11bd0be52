using System.Management.Automation;
using System.Security;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Keeps secrets: in the keyring where one answers, else in a file that only its owner reads; or in one that GnuPG encrypts.</summary>
[Cmdlet(VerbsCommon.Set, "CharlySecret", SupportsShouldProcess = true, DefaultParameterSetName = "Value")]
[OutputType(typeof(CredentialName), typeof(SecretVariable))]
public sealed class SetCharlySecretCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names such as charly/secret/DB_PASSWORD.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SecretCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Value", HelpMessage = "The value; asked for if left out.")]
    [ValidateNotNullOrEmpty]
    public SecureString Value { get; set; } = new();

    [Parameter(Mandatory = true, ParameterSetName = "Generate", HelpMessage = "Makes a value up: 16 random bytes in hexadecimal digits, for each name its own.")]
    public SwitchParameter Generate { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "A file of variables that GnuPG encrypts, such as .secrets; names are then those of its variables.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(HelpMessage = "Names of keys whose owners may read a file that is made; your own key if left out.")]
    [ValidateNotNullOrEmpty]
    public string[] Recipient { get; set; } = [];

    [Parameter(HelpMessage = "Emits the names, without values.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var path = this.FileAtOrNull(Path);
        var names = Name.Where(name => ShouldProcess(path is null ? $"secret {name}" : $"variable {name} of {Path}", Generate ? "Make up" : "Set")).ToArray();
        RunEach(names, 1, async (work, name) =>
        {
            var value = Generate ? SetSecret.Generate() : SecretText.Plain(Value);
            if (path is not null)
            {
                var file = new SecretFile(work.Context, path);
                await file.SetAsync(name, value, Recipient, work.Cancel).ConfigureAwait(false);
                if (PassThru) work.Write(new SecretVariable(name, file.Path));
                return;
            }

            var kept = await new SetSecret(work.Context).RunAsync(name, value, work.Cancel).ConfigureAwait(false);
            if (PassThru) work.Write(kept);
        });
    }
}
