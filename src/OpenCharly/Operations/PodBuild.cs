using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Builds the image of a pod's box before the pod is made of it (<c>--build</c>).</summary>
internal sealed class PodBuild(CharlyContext context)
{
    /// <summary>Builds, if the request asks for it; a dry run only says so.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for an image that is no box of the project; what <see cref="BuildBoxes"/> throws. The pod is as it was.</exception>
    public async Task RunAsync(FoundPod pod, ConfigurePodRequest request, CancellationToken cancellationToken)
    {
        if (!request.Build) return;
        var name = ImageName.Parse(pod.Deployment?.Box ?? pod.Key.Base);
        if (name.Form != ImageForm.Short)
        {
            throw new CharlyException(
                Errors.Usage, $"\"{name.Text}\" is an image, and only boxes can be built", "Name a box of the project under box:, or leave --build out.", pod.Deployment?.Position, pod.Key.Text);
        }

        if (request.DryRun)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"the box {name.Name} would be built first; what follows is made of the image there is now"));
            return;
        }

        await new BuildBoxes(context).RunAsync(new BuildBoxesRequest { Names = [name.Name], Tag = request.Tag ?? name.Tag ?? pod.Deployment?.Tag }, cancellationToken).ConfigureAwait(false);
    }
}
