using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>A name to offer, with a line on what it is.</summary>
internal readonly record struct Offer(string Name, string Tip);

/// <summary>Completes an argument with the names that an engine query finds: the same query that the Get-cmdlet runs.</summary>
public abstract class QueryCompleter : IArgumentCompleter
{
    /// <summary>Past this, no offer is better than a prompt that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = wordToComplete.Trim('\'', '"');
        var pattern = new WildcardPattern(WildcardPattern.Escape(typed) + "*", WildcardOptions.IgnoreCase);
        return from offer in Ask()
               where pattern.IsMatch(offer.Name)
               orderby offer.Name
               select new CompletionResult(Quote(offer.Name), offer.Name, CompletionResultType.ParameterValue, offer.Tip);
    }

    /// <summary>Asks the engine.</summary>
    private protected abstract Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken);

    private Offer[] Ask()
    {
        using var patience = new CancellationTokenSource(Patience);
        var context = new CharlyContext(CharlyEnvironment.FromProcess(CurrentFolder()));
        try
        {
            return [.. Task.Run(() => OffersAsync(context, patience.Token), patience.Token).WaitAsync(patience.Token).GetAwaiter().GetResult()];
        }
        catch (Exception error) when (error is CharlyException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            // A folder without a project, or a broken one: there is nothing to offer, and no stream to say so on. The
            // cmdlet itself reports the same error when it runs.
            return [];
        }
    }

    // A completer is handed no session state, but it runs in the session's own runspace.
    private static string? CurrentFolder()
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        var location = shell.AddCommand("Get-Location").AddParameter("PSProvider", "FileSystem").Invoke<PathInfo>();
        return location.Count == 0 ? null : location[0].ProviderPath;
    }

    private static string Quote(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':')
            ? name
            : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";
}
