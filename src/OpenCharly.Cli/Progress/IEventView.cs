using OpenCharly.Foundation;

namespace OpenCharly.Cli.Progress;

/// <summary>Shows the engine's events on standard error. Events may come from any thread.</summary>
internal interface IEventView : IProgress<CharlyEvent>, IDisposable
{
    /// <summary>Takes away whatever is only there for the moment, so that something else can be printed.</summary>
    void Pause();

    /// <summary>Begins each line with the target that it is about, because several are worked on.</summary>
    void Name(IReadOnlyList<string> targets);
}
