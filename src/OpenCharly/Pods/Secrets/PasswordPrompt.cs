using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Secrets;

/// <summary>Asks the operator for something secret: on the face's own terminal, or through systemd's password agents.</summary>
/// <param name="processes">Runs <c>systemd-ask-password</c>.</param>
/// <param name="ask">Asks on a terminal, given the question; null where there is none.</param>
internal sealed class PasswordPrompt(IProcessRunner processes, Func<string, CancellationToken, Task<string?>>? ask)
{
    private const string Program = "systemd-ask-password";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>The answer.</summary>
    /// <param name="id">Name of the question for password agents.</param>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodSecret"/> if there is no answer.</exception>
    public async Task<string> AskAsync(string id, string question, CancellationToken cancellationToken)
    {
        if (processes.Find(Program) is not null)
        {
            var asked = await processes.RunAsync(new ProcessRequest(Program, $"--id={id}", "--timeout=240", question) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
            if (asked.Succeeded && asked.StandardOutput.TrimEnd('\n') is { Length: > 0 } answer) return answer;
        }

        return ask is not null && await ask(question, cancellationToken).ConfigureAwait(false) is { Length: > 0 } typed
            ? typed
            : throw new CharlyException(Errors.PodSecret, $"nobody answered: {question}", "Run it on a terminal, or use --password auto.", target: id);
    }
}
