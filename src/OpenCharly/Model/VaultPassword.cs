using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>
/// The password that opens the user's KeePass file: from the file that <c>CHARLY_KDBX_PASSWORD_FILE</c> names, else asked for, once,
/// and known as long as this object lives. It is in memory only.
/// </summary>
/// <param name="environment">Variables of this process.</param>
/// <param name="ask">Asks on a terminal without showing the answer, given the question; null where nobody can be asked.</param>
public sealed class VaultPassword(CharlyEnvironment environment, Func<string, CancellationToken, Task<string?>>? ask = null)
{
    private const string Variable = "CHARLY_KDBX_PASSWORD_FILE";

    private readonly Lock _gate = new();
    private Task<string>? _answer;

    /// <summary>The password.</summary>
    /// <param name="file">The file that it opens, for the question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if there is none.</exception>
    internal Task<string> GetAsync(string file, CancellationToken cancellationToken)
    {
        // Several targets at a time ask one question.
        lock (_gate)
        {
            if (_answer is null or { IsFaulted: true } or { IsCanceled: true }) _answer = ReadAsync(file, cancellationToken);
            return _answer;
        }
    }

    /// <summary>Forgets an answer that opened nothing.</summary>
    internal void Forget()
    {
        lock (_gate) _answer = null;
    }

    private async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (environment.Variable(Variable) is { } named)
        {
            var path = environment.Resolve(named);
            if (!File.Exists(path)) throw new CharlyException(Errors.SecretStore, $"{Variable} names {path}, which does not exist", "Correct the path.", target: path);
            var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
            return text.Split('\n')[0].TrimEnd('\r') is { Length: > 0 } line ? line : throw new CharlyException(Errors.SecretStore, $"{path} begins with an empty line, and no password", "Write the password into its first line.", target: path);
        }

        return ask is not null && await ask($"Password of {file}", cancellationToken).ConfigureAwait(false) is { Length: > 0 } typed
            ? typed
            : throw new CharlyException(Errors.SecretStore, $"{file} needs its password, and nobody gave it", $"Run this on a terminal, or name a file with the password in {Variable}.", target: file);
    }
}
